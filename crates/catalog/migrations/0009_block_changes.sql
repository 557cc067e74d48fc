-- Every search sums the counters (src/search/findable.rs): in one place, by block.
ALTER TABLE search_blocks RENAME TO search_blocks_of_before;
CREATE TABLE search_blocks (
    block   BIGINT PRIMARY KEY,
    changes BIGINT NOT NULL
) /*clustered*/;
INSERT INTO search_blocks (block, changes)
    SELECT block, changes FROM search_blocks_of_before;
DROP TABLE search_blocks_of_before;
