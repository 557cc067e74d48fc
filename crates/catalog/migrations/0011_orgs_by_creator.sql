-- How many organisations somebody made is counted with each one.
CREATE INDEX organizations_by_creator ON organizations (created_by);
