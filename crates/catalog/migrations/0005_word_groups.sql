-- Lists of words that start with the same four letters in one row (src/search/group.rs), since a
-- search for a prefix read a row for each of thousands of words. The program fills the index anew
-- (src/search/rebuild.rs) in the transaction of this migration.
DELETE FROM search_lists;
DELETE FROM search_words;
DELETE FROM search_blocks;
DELETE FROM search_documents;
UPDATE search_numbers SET next = 0;
