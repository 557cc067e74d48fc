-- Since when somebody may not sign in any more; NULL for everybody who may.
ALTER TABLE profiles ADD COLUMN disabled_at TEXT;

-- Tokens, without their secrets: digest is the SHA-256 of one, as sha256:<hex>. scopes are written
-- with spaces between them; none are all that the user may do.
CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    digest       TEXT NOT NULL UNIQUE,
    scopes       TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at   TEXT
);
CREATE INDEX tokens_by_user ON tokens (user_id, created_at);
