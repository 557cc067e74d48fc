-- Tables and columns carry the names of the existing Enact schema where it has them. Times are
-- RFC 3339 texts in UTC with three decimals, so they sort as they are; flags are 0 or 1.
-- /*bytes*/ marks texts that are compared by their bytes on every database.

CREATE TABLE profiles (
    id           TEXT PRIMARY KEY,
    username     TEXT NOT NULL UNIQUE,
    display_name TEXT,
    avatar_url   TEXT,
    created_at   TEXT NOT NULL
);

CREATE TABLE organizations (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    display_name TEXT,
    description  TEXT,
    avatar_url   TEXT,
    created_by   TEXT NOT NULL REFERENCES profiles (id),
    created_at   TEXT NOT NULL
);

CREATE TABLE org_members (
    org_id   TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id  TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    role     TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    added_at TEXT NOT NULL,
    added_by TEXT REFERENCES profiles (id),
    PRIMARY KEY (org_id, user_id)
);

-- description … homepage_url are those of the latest version, copied here in the transaction that
-- changes which one that is, so that a listing reads one row a tool.
CREATE TABLE tools (
    id              TEXT PRIMARY KEY,
    owner_id        TEXT NOT NULL REFERENCES profiles (id),
    org_id          TEXT REFERENCES organizations (id),
    name            TEXT /*bytes*/ NOT NULL UNIQUE,
    short_name      TEXT /*bytes*/ NOT NULL,
    description     TEXT NOT NULL DEFAULT '',
    license         TEXT,
    tags            TEXT NOT NULL DEFAULT '[]',
    repository_url  TEXT,
    homepage_url    TEXT,
    visibility      TEXT NOT NULL CHECK (visibility IN ('public', 'unlisted', 'private')),
    latest_version  TEXT NOT NULL,
    latest_yanked   BIGINT NOT NULL DEFAULT 0,
    total_downloads BIGINT NOT NULL DEFAULT 0,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL
);

CREATE TABLE tool_versions (
    id               TEXT PRIMARY KEY,
    tool_id          TEXT NOT NULL REFERENCES tools (id),
    version          TEXT NOT NULL,
    description      TEXT NOT NULL DEFAULT '',
    license          TEXT,
    tags             TEXT NOT NULL DEFAULT '[]',
    repository_url   TEXT,
    homepage_url     TEXT,
    manifest         TEXT NOT NULL,
    raw_manifest     TEXT,
    bundle_hash      TEXT NOT NULL,
    bundle_size      BIGINT NOT NULL,
    bundle_path      TEXT NOT NULL UNIQUE,
    downloads        BIGINT NOT NULL DEFAULT 0,
    yanked           BIGINT NOT NULL DEFAULT 0,
    yank_reason      TEXT,
    yank_replacement TEXT,
    yanked_at        TEXT,
    published_by     TEXT NOT NULL REFERENCES profiles (id),
    published_at     TEXT NOT NULL,
    UNIQUE (tool_id, version)
);

CREATE TABLE version_files (
    tool_version_id TEXT NOT NULL REFERENCES tool_versions (id) ON DELETE CASCADE,
    path            TEXT /*bytes*/ NOT NULL,
    size            BIGINT NOT NULL,
    executable      BIGINT NOT NULL,
    PRIMARY KEY (tool_version_id, path)
);

-- Downloads by day (UTC). The totals in tool_versions and tools are changed with it.
CREATE TABLE download_counts (
    tool_version_id TEXT NOT NULL REFERENCES tool_versions (id) ON DELETE CASCADE,
    day             TEXT NOT NULL,
    downloads       BIGINT NOT NULL,
    PRIMARY KEY (tool_version_id, day)
);

-- Lower-case tags of the latest version, for the filter of a search.
CREATE TABLE tool_tags (
    tag     TEXT /*bytes*/ NOT NULL,
    tool_id TEXT NOT NULL REFERENCES tools (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, tool_id)
);
CREATE INDEX tool_tags_by_tool ON tool_tags (tool_id);

-- The search index: words of name, tags and description of the latest version.
CREATE TABLE tool_terms (
    term    TEXT /*bytes*/ NOT NULL,
    tool_id TEXT NOT NULL REFERENCES tools (id) ON DELETE CASCADE,
    weight  BIGINT NOT NULL,
    PRIMARY KEY (term, tool_id)
);
CREATE INDEX tool_terms_by_tool ON tool_terms (tool_id);

-- Who is publishing what right now. The row outlives a failed attempt, since the next one must
-- have a higher number: an object key is written by exactly one attempt, ever. The row goes when
-- its version is committed. A token of '' belongs to nobody.
CREATE TABLE publish_reservations (
    name       TEXT NOT NULL,
    version    TEXT NOT NULL,
    attempt    BIGINT NOT NULL,
    token      TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (name, version)
);
CREATE INDEX publish_reservations_by_expiry ON publish_reservations (expires_at);

-- Attempts that can no longer be committed and may have left an object. The row goes when the
-- object is known to be gone.
CREATE TABLE abandoned_attempts (
    name    TEXT NOT NULL,
    version TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    PRIMARY KEY (name, version, attempt)
);
