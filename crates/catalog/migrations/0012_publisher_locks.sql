-- A row for each repository that ever had a rule. It is there to be locked: rules of one repository are
-- made one after the other, so that all of them are for one user and one owner.
CREATE TABLE publisher_locks (
    issuer     TEXT NOT NULL,
    repository TEXT NOT NULL,
    PRIMARY KEY (issuer, repository)
);
