-- The search index as compressed lists instead of a row for each word of each tool: a common word is
-- in tens of thousands of tools, and a search reads all of them to count and to rank. The lists are
-- filled by the program (src/search/rebuild.rs) in the transaction of this migration.
DROP TABLE tool_terms;
DROP TABLE tool_tags;

-- What the index holds of a tool. Tools that may be found have a number, given once, in the order
-- in which they could first be found. document: the tool's lists as a JSON object, to tell what
-- changes when it is indexed anew; '{}' while it may not be found.
CREATE TABLE search_documents (
    tool_id  TEXT PRIMARY KEY REFERENCES tools (id),
    number   BIGINT NOT NULL UNIQUE,
    document TEXT NOT NULL
);

-- The next number of a tool.
CREATE TABLE search_numbers (
    id   BIGINT PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO search_numbers (id, next) VALUES (1, 0);

-- A row for each block of 2048 numbers. Whoever changes a list of the block writes to it first, so
-- that on Postgres others wait.
CREATE TABLE search_blocks (
    block   BIGINT PRIMARY KEY,
    changes BIGINT NOT NULL
);

-- The lists, cut into blocks. key: what the tools of the list have in common (src/search/key.rs).
CREATE TABLE search_lists (
    key   TEXT /*bytes*/ NOT NULL,
    block BIGINT NOT NULL,
    data  BLOB NOT NULL,
    PRIMARY KEY (key, block)
) /*clustered*/;

-- Every indexed word twice, forwards and backwards, sorted by its length, to find words that differ
-- in one letter. uses: how many rows of search_lists the word has.
CREATE TABLE search_words (
    spelling TEXT /*bytes*/ PRIMARY KEY,
    uses     BIGINT NOT NULL
) /*clustered*/;
