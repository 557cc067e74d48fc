-- Who signs in through an identity provider. The provider's own id of somebody is bound to an
-- account once, since names are what people can change there.
CREATE TABLE identities (
    issuer   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    user_id  TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    bound_at TEXT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

-- Workflows that publish without a stored secret, as a user. scopes are written as those of a token.
-- owner_id is the provider's number of the repository's owner, kept at first use: whoever takes an
-- owner's name over later has another. workflow and git_ref are NULL where any will do.
CREATE TABLE trusted_publishers (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    issuer     TEXT NOT NULL,
    repository TEXT NOT NULL,
    owner_id   TEXT,
    workflow   TEXT,
    git_ref    TEXT,
    scopes     TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX trusted_publishers_by_repository ON trusted_publishers (issuer, repository);
