-- What is published under the first segment of a tool's name (`alice`, `@acme`): kept in the
-- transactions that publish and delete, so that a quota holds whatever happens at once.
CREATE TABLE namespace_usage (
    namespace TEXT /*bytes*/ PRIMARY KEY,
    tools     BIGINT NOT NULL,
    versions  BIGINT NOT NULL,
    bytes     BIGINT NOT NULL
);
INSERT INTO namespace_usage (namespace, tools, versions, bytes)
    SELECT SUBSTR(t.name, 1, INSTR(t.name, '/') - 1), COUNT(DISTINCT t.id), COUNT(*), SUM(v.bundle_size)
    FROM tools t JOIN tool_versions v ON v.tool_id = t.id
    GROUP BY SUBSTR(t.name, 1, INSTR(t.name, '/') - 1);
