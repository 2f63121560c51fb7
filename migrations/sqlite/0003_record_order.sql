-- Which event a record's content is from, so that a late attempt of an older event does not replace it: when the event
-- was received, or the replay asked for, and the event. Records written before this give way to any event.
ALTER TABLE records ADD COLUMN as_of BIGINT NOT NULL DEFAULT 0;
ALTER TABLE records ADD COLUMN event_id TEXT NOT NULL DEFAULT '';
