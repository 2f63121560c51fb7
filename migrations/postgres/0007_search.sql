-- Records by the beginning of their id: a range of texts is a range of an index only when both sort by bytes, as
-- SQLite's do. The table is not rewritten for this, its index on source records is.
ALTER TABLE deliveries
    ALTER COLUMN source_record_id TYPE TEXT COLLATE "C",
    ALTER COLUMN destination_record_id TYPE TEXT COLLATE "C";
-- What a person has in hand when something is asked for: the record's id at the destination. Source records have had
-- their index from the start.
CREATE INDEX deliveries_destination_record ON deliveries (organization_id, destination_record_id, id)
    WHERE destination_record_id IS NOT NULL;
-- Dead letters by when they became one, which is long after they were made: for the alert about new ones.
CREATE INDEX deliveries_dead ON deliveries (organization_id, updated_at, connector_id) WHERE status = 'dead_letter';
