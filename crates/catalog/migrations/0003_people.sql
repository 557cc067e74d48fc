-- Users and organisations share one name space.
CREATE TABLE namespaces (
    name TEXT /*bytes*/ PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'org'))
);
INSERT INTO namespaces (name, kind) SELECT username, 'user' FROM profiles;
INSERT INTO namespaces (name, kind)
    SELECT name, 'org' FROM organizations WHERE name NOT IN (SELECT username FROM profiles);

CREATE INDEX org_members_by_user ON org_members (user_id);

-- As they were sent with the publish.
ALTER TABLE tool_versions ADD COLUMN checksum_manifest TEXT;
ALTER TABLE tool_versions ADD COLUMN sigstore_bundle TEXT;

-- A deleted tool's name is never given out again, nor any of its versions with it.
CREATE TABLE deleted_tools (
    name       TEXT /*bytes*/ PRIMARY KEY,
    deleted_at TEXT NOT NULL,
    deleted_by TEXT NOT NULL REFERENCES profiles (id)
);

-- Bundles of deleted tools. The row goes when the object is known to be gone.
CREATE TABLE doomed_bundles (
    bundle_path TEXT /*bytes*/ PRIMARY KEY
);

-- One for each auditor and version. A revoked one stays, but counts as absent.
CREATE TABLE attestations (
    id               TEXT PRIMARY KEY,
    tool_version_id  TEXT NOT NULL REFERENCES tool_versions (id) ON DELETE CASCADE,
    auditor          TEXT NOT NULL,
    auditor_provider TEXT NOT NULL,
    bundle           TEXT NOT NULL,
    signed_at        TEXT NOT NULL,
    rekor_log_id     TEXT NOT NULL,
    rekor_log_index  BIGINT,
    submitted_by     TEXT NOT NULL REFERENCES profiles (id),
    revoked_at       TEXT,
    UNIQUE (tool_version_id, auditor)
);

CREATE TABLE version_reports (
    id              TEXT PRIMARY KEY,
    tool_version_id TEXT NOT NULL REFERENCES tool_versions (id) ON DELETE CASCADE,
    reporter_id     TEXT NOT NULL REFERENCES profiles (id),
    severity        TEXT NOT NULL,
    category        TEXT NOT NULL,
    description     TEXT NOT NULL,
    evidence        TEXT,
    status          TEXT NOT NULL,
    created_at      TEXT NOT NULL
);
CREATE INDEX version_reports_by_version ON version_reports (tool_version_id, reporter_id);

CREATE TABLE tool_feedback (
    tool_id    TEXT NOT NULL REFERENCES tools (id) ON DELETE CASCADE,
    user_id    TEXT NOT NULL REFERENCES profiles (id),
    rating     BIGINT NOT NULL CHECK (rating BETWEEN 1 AND 5),
    version    TEXT NOT NULL,
    comment    TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (tool_id, user_id)
);

CREATE TABLE trusted_auditors (
    user_id  TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    identity TEXT NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (user_id, identity)
);
