-- A replay may be bound to a version of its route's mapping: every attempt of it uses that one.
ALTER TABLE deliveries ADD COLUMN mapping_version BIGINT;

-- The batch that last tried a delivery again.
ALTER TABLE deliveries ADD COLUMN retry_job_id TEXT;
CREATE INDEX deliveries_retry_job ON deliveries (organization_id, retry_job_id, id) WHERE retry_job_id IS NOT NULL;

-- Many failed deliveries on their way to another attempt.
CREATE TABLE retry_jobs (
    organization_id     TEXT    NOT NULL,
    id                  TEXT    NOT NULL,
    created_by          TEXT    NOT NULL,
    reason              TEXT,
    -- What it was made with, for people; its deliveries are in retry_job_items.
    filter              TEXT,
    causes              TEXT,
    state               TEXT    NOT NULL CHECK (state IN ('running', 'paused', 'finished', 'canceled')),
    per_second          BIGINT  NOT NULL,
    behind_live_traffic BOOLEAN NOT NULL,
    total               BIGINT  NOT NULL,
    retried             BIGINT  NOT NULL,
    skipped             TEXT    NOT NULL,
    left_out            TEXT    NOT NULL,
    created_at          BIGINT  NOT NULL,
    updated_at          BIGINT  NOT NULL,
    finished_at         BIGINT,
    -- When its next group may go. NULL unless it is running.
    due_at              BIGINT,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX retry_jobs_due ON retry_jobs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX retry_jobs_open ON retry_jobs (organization_id, id) WHERE state IN ('running', 'paused');

-- The deliveries of a job that have not had their turn, in their order. They leave with the group they are in.
CREATE TABLE retry_job_items (
    organization_id TEXT    NOT NULL,
    job_id          TEXT    NOT NULL,
    position        BIGINT  NOT NULL,
    delivery_id     TEXT    NOT NULL,
    PRIMARY KEY (organization_id, job_id, position)
);
