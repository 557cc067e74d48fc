-- Who did what, and what was refused. Rows are added and stay as they are; the triggers refuse all
-- else. actor: the name of a user or, where via is 'operator', of an account of the operator's machine.
-- credential: what signed the actor in, which is no secret: the id of a token, of an identity, of a
-- run. target: whom or what else it was about. detail: what was said of it. result: 'ok', or the code
-- of the error. status: that of the answer, if one was given over HTTP.
CREATE TABLE audit_log (
    number     INTEGER PRIMARY KEY /*numbered*/,
    at         TEXT /*bytes*/ NOT NULL,
    action     TEXT NOT NULL,
    actor      TEXT,
    via        TEXT NOT NULL,
    credential TEXT,
    address    TEXT,
    tool       TEXT,
    version    TEXT,
    target     TEXT,
    detail     TEXT,
    result     TEXT NOT NULL,
    status     BIGINT,
    request_id TEXT
);
-- In the order in which they are read.
CREATE INDEX audit_log_by_time ON audit_log (at, number);
CREATE INDEX audit_log_by_actor ON audit_log (actor, at, number);
CREATE INDEX audit_log_by_tool ON audit_log (tool, at, number);
CREATE INDEX audit_log_by_action ON audit_log (action, at, number);
CREATE INDEX audit_log_by_result ON audit_log (result, at, number);

/*sqlite:
CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
CREATE TRIGGER audit_log_is_not_shortened BEFORE DELETE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
-- What REPLACE removes fires no trigger of a DELETE.
CREATE TRIGGER audit_log_is_not_replaced BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE number = NEW.number) BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
:sqlite*/

/*postgres:
CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to';
END
$$;
CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse();
:postgres*/
