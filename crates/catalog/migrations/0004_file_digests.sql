-- The digest of each file's content, so that one file can be verified without reading the rest of its
-- bundle; NULL for versions published before this. Folders that have an entry of their own in the
-- bundle are listed too.
ALTER TABLE version_files ADD COLUMN sha256 TEXT;
ALTER TABLE version_files ADD COLUMN folder BIGINT NOT NULL DEFAULT 0;
