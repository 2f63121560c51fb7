-- What a person has in hand when something is asked for: the record's id at the destination. Source records have had
-- their index from the start.
CREATE INDEX deliveries_destination_record ON deliveries (organization_id, destination_record_id, id)
    WHERE destination_record_id IS NOT NULL;
-- Dead letters by when they became one, which is long after they were made: for the alert about new ones.
CREATE INDEX deliveries_dead ON deliveries (organization_id, updated_at, connector_id) WHERE status = 'dead_letter';
