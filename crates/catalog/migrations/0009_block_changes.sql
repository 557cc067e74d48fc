-- Every search sums the counters (src/search/snapshot.rs): in one place, by block. ranks: how often
-- the downloads of its tools changed, which changes no list but that of all tools.
ALTER TABLE search_blocks RENAME TO search_blocks_of_before;
CREATE TABLE search_blocks (
    block   BIGINT PRIMARY KEY,
    changes BIGINT NOT NULL,
    ranks   BIGINT NOT NULL
) /*clustered*/;
INSERT INTO search_blocks (block, changes, ranks)
    SELECT block, changes, 0 FROM search_blocks_of_before;
DROP TABLE search_blocks_of_before;
