-- Signalbox, first schema. The same file, but for the types of bytes and JSON, stands in ../sqlite and ../postgres;
-- a test compares the two databases table by table.
--
-- Times are BIGINT microseconds since the epoch. Ids are prefixed TEXT that sorts by creation time.
-- Tenant data has organization_id first in its key: a query without it has no index to stand on.

-- Installation ---------------------------------------------------------------------------------------------------

CREATE TABLE settings (
    name            TEXT    NOT NULL PRIMARY KEY,
    value           BLOB  NOT NULL,
    updated_at      BIGINT  NOT NULL
);

CREATE TABLE setup_links (
    token_hash      TEXT    NOT NULL PRIMARY KEY,
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL,
    used_at         BIGINT
);

CREATE TABLE organizations (
    id              TEXT    NOT NULL PRIMARY KEY,
    name            TEXT    NOT NULL,
    slug            TEXT    NOT NULL UNIQUE,
    created_at      BIGINT  NOT NULL
);

CREATE TABLE users (
    id              TEXT    NOT NULL PRIMARY KEY,
    email           TEXT    NOT NULL UNIQUE,
    name            TEXT    NOT NULL,
    password_hash   TEXT    NOT NULL,
    global_admin    BOOLEAN NOT NULL,
    active          BOOLEAN NOT NULL,
    last_login_at   BIGINT,
    created_at      BIGINT  NOT NULL
);

CREATE TABLE memberships (
    organization_id TEXT    NOT NULL REFERENCES organizations (id),
    user_id         TEXT    NOT NULL REFERENCES users (id),
    role            TEXT    NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    created_at      BIGINT  NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE sessions (
    id              TEXT    NOT NULL PRIMARY KEY,
    token_hash      TEXT    NOT NULL UNIQUE,
    user_id         TEXT    NOT NULL REFERENCES users (id),
    created_at      BIGINT  NOT NULL,
    last_seen_at    BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL,
    remote_addr     TEXT,
    user_agent      TEXT
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL REFERENCES organizations (id),
    name            TEXT    NOT NULL,
    token_hash      TEXT    NOT NULL UNIQUE,
    hint            TEXT    NOT NULL,
    role            TEXT    NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    expires_at      BIGINT,
    last_used_at    BIGINT,
    revoked_at      BIGINT,
    created_at      BIGINT  NOT NULL
);
CREATE INDEX api_keys_organization ON api_keys (organization_id, id);

CREATE TABLE audit (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT,
    at              BIGINT  NOT NULL,
    actor           TEXT    NOT NULL,
    action          TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    detail          TEXT   NOT NULL
);
CREATE INDEX audit_organization ON audit (organization_id, id);

-- Integrations ---------------------------------------------------------------------------------------------------

CREATE TABLE connectors (
    id                 TEXT    NOT NULL PRIMARY KEY,
    organization_id    TEXT    NOT NULL REFERENCES organizations (id),
    code               TEXT    NOT NULL,
    name               TEXT    NOT NULL,
    kind               TEXT    NOT NULL,
    base_url           TEXT,
    headers            TEXT   NOT NULL,
    credentials        TEXT    NOT NULL CHECK (credentials IN ('none', 'bearer', 'basic', 'api_key')),
    sealed_credentials BLOB,
    environment        TEXT    NOT NULL CHECK (environment IN ('production', 'sandbox')),
    active             BOOLEAN NOT NULL,
    created_at         BIGINT  NOT NULL,
    updated_at         BIGINT  NOT NULL,
    deleted_at         BIGINT
);
-- A deleted connector gives its code free.
CREATE UNIQUE INDEX connectors_code ON connectors (code) WHERE deleted_at IS NULL;
CREATE INDEX connectors_organization ON connectors (organization_id, name, id);

CREATE TABLE receivers (
    id               TEXT    NOT NULL PRIMARY KEY,
    organization_id  TEXT    NOT NULL REFERENCES organizations (id),
    connector_id     TEXT    NOT NULL REFERENCES connectors (id),
    name             TEXT    NOT NULL,
    event_type       TEXT    NOT NULL,
    scheme           TEXT   NOT NULL,
    sources          TEXT   NOT NULL,
    schema_mode      TEXT    NOT NULL CHECK (schema_mode IN ('off', 'observe', 'enforce')),
    schema           TEXT,
    limits           TEXT   NOT NULL,
    active           BOOLEAN NOT NULL,
    last_received_at BIGINT,
    created_at       BIGINT  NOT NULL,
    updated_at       BIGINT  NOT NULL,
    deleted_at       BIGINT
);
CREATE INDEX receivers_organization ON receivers (organization_id, id);
CREATE INDEX receivers_connector ON receivers (connector_id, id);

CREATE TABLE receiver_secrets (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL REFERENCES organizations (id),
    receiver_id     TEXT    NOT NULL REFERENCES receivers (id),
    sealed          BLOB  NOT NULL,
    hint            TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT
);
CREATE INDEX receiver_secrets_receiver ON receiver_secrets (receiver_id, id);

CREATE TABLE routes (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL REFERENCES organizations (id),
    receiver_id     TEXT    NOT NULL REFERENCES receivers (id),
    name            TEXT    NOT NULL,
    event_type      TEXT    NOT NULL,
    mapping         TEXT   NOT NULL,
    mapping_version BIGINT  NOT NULL,
    destination     TEXT   NOT NULL,
    retry           TEXT   NOT NULL,
    active          BOOLEAN NOT NULL,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    deleted_at      BIGINT
);
CREATE INDEX routes_organization ON routes (organization_id, id);
CREATE INDEX routes_receiver ON routes (receiver_id, id);

CREATE TABLE mapping_versions (
    route_id        TEXT    NOT NULL REFERENCES routes (id),
    version         BIGINT  NOT NULL,
    organization_id TEXT    NOT NULL REFERENCES organizations (id),
    mapping         TEXT   NOT NULL,
    created_at      BIGINT  NOT NULL,
    created_by      TEXT    NOT NULL,
    PRIMARY KEY (route_id, version)
);

-- The way of an event --------------------------------------------------------------------------------------------
-- No foreign keys from here on: these tables are written many thousand times a second by code that has just
-- looked the parents up, and parents are only ever marked as deleted.

CREATE TABLE events (
    organization_id    TEXT    NOT NULL,
    id                 TEXT    NOT NULL,
    direction          TEXT    NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    connector_id       TEXT    NOT NULL,
    receiver_id        TEXT,
    event_type         TEXT    NOT NULL,
    source_record_id   TEXT,
    dedupe_key         TEXT    NOT NULL,
    received_at        BIGINT  NOT NULL,
    remote_addr        TEXT,
    content_type       TEXT,
    headers            TEXT   NOT NULL,
    checks             TEXT   NOT NULL,
    schema_verdict     TEXT    NOT NULL CHECK (schema_verdict IN ('not_checked', 'valid', 'violated')),
    payload_id         TEXT    NOT NULL,
    payload_bytes      BIGINT  NOT NULL,
    payload_expires_at BIGINT  NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE payloads (
    organization_id TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    content_type    TEXT,
    body            BLOB  NOT NULL,
    expires_at      BIGINT  NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX payloads_expiry ON payloads (expires_at);

CREATE TABLE dedupe_keys (
    receiver_id     TEXT    NOT NULL,
    dedupe_key      TEXT    NOT NULL,
    event_id        TEXT    NOT NULL,
    expires_at      BIGINT  NOT NULL,
    PRIMARY KEY (receiver_id, dedupe_key)
);
CREATE INDEX dedupe_keys_expiry ON dedupe_keys (expires_at);

CREATE TABLE deliveries (
    organization_id       TEXT    NOT NULL,
    id                    TEXT    NOT NULL,
    event_id              TEXT    NOT NULL,
    direction             TEXT    NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    connector_id          TEXT    NOT NULL,
    receiver_id           TEXT,
    route_id              TEXT,
    destination           TEXT    NOT NULL CHECK (destination IN ('record', 'http', 'webhook')),
    destination_name      TEXT    NOT NULL,
    event_type            TEXT    NOT NULL,
    source_record_id      TEXT,
    status                TEXT    NOT NULL CHECK (status IN ('received', 'processing', 'retrying', 'delivered', 'failed', 'dead_letter', 'canceled')),
    response_code         BIGINT,
    duration_us           BIGINT,
    attempts              BIGINT  NOT NULL,
    max_attempts          BIGINT  NOT NULL,
    destination_record_id TEXT,
    error_class           TEXT,
    error                 TEXT,
    received_at           BIGINT  NOT NULL,
    created_at            BIGINT  NOT NULL,
    updated_at            BIGINT  NOT NULL,
    -- When a worker should look at it: the next attempt, or the end of the lease while one is running.
    -- NULL in final states, so that the queue's index holds nothing but work.
    due_at                BIGINT,
    -- Deliveries of one lane share a limit of concurrency: one lane for each destination.
    lane                  TEXT    NOT NULL,
    lease_owner           TEXT,
    leased_at             BIGINT,
    replay_of             TEXT,
    -- The first delivery of a chain of replays.
    root_id               TEXT,
    replayed_by           TEXT,
    edited                BOOLEAN NOT NULL,
    payload_id            TEXT    NOT NULL,
    payload_expires_at    BIGINT  NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX deliveries_queue ON deliveries (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_connector ON deliveries (organization_id, connector_id, id);
CREATE INDEX deliveries_event_type ON deliveries (organization_id, event_type, id);
CREATE INDEX deliveries_source_record ON deliveries (organization_id, source_record_id, id) WHERE source_record_id IS NOT NULL;
CREATE INDEX deliveries_event ON deliveries (organization_id, event_id);
CREATE INDEX deliveries_replays ON deliveries (organization_id, root_id, id) WHERE root_id IS NOT NULL;
-- The states that a person looks for are rare: their indexes stay small.
CREATE INDEX deliveries_failures ON deliveries (organization_id, id) WHERE status IN ('failed', 'dead_letter');
CREATE INDEX deliveries_open ON deliveries (organization_id, id) WHERE status IN ('received', 'processing', 'retrying');
CREATE INDEX deliveries_canceled ON deliveries (organization_id, id) WHERE status = 'canceled';

CREATE TABLE attempts (
    organization_id    TEXT    NOT NULL,
    delivery_id        TEXT    NOT NULL,
    number             BIGINT  NOT NULL,
    id                 TEXT    NOT NULL,
    started_at         BIGINT  NOT NULL,
    duration_us        BIGINT  NOT NULL,
    succeeded          BOOLEAN NOT NULL,
    response_code      BIGINT,
    error_class        TEXT,
    error              TEXT,
    method             TEXT    NOT NULL,
    url                TEXT    NOT NULL,
    remote_addr        TEXT,
    request_headers    TEXT   NOT NULL,
    -- The mapped body, when it differs from the delivery's payload.
    request_body       BLOB,
    response_headers   TEXT   NOT NULL,
    response_body      BLOB,
    response_truncated BOOLEAN NOT NULL,
    mapping_version    BIGINT,
    -- Request and response bodies go when the payload goes.
    bodies_expire_at   BIGINT  NOT NULL,
    PRIMARY KEY (organization_id, delivery_id, number)
);
CREATE INDEX attempts_expiry ON attempts (bodies_expire_at) WHERE request_body IS NOT NULL OR response_body IS NOT NULL;

CREATE TABLE rejections (
    organization_id    TEXT    NOT NULL,
    id                 TEXT    NOT NULL,
    connector_id       TEXT    NOT NULL,
    receiver_id        TEXT,
    reason             TEXT    NOT NULL,
    detail             TEXT    NOT NULL,
    event_type         TEXT,
    received_at        BIGINT  NOT NULL,
    remote_addr        TEXT,
    content_type       TEXT,
    headers            TEXT   NOT NULL,
    payload_id         TEXT,
    payload_bytes      BIGINT  NOT NULL,
    payload_expires_at BIGINT,
    occurrences        BIGINT  NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- Requests for addresses that no connector has: nobody's data, so they are only counted.
CREATE TABLE unknown_codes (
    bucket          BIGINT  NOT NULL PRIMARY KEY,
    count           BIGINT  NOT NULL
);

CREATE TABLE records (
    organization_id TEXT    NOT NULL,
    entity          TEXT    NOT NULL,
    external_id     TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    version         BIGINT  NOT NULL,
    body            BLOB  NOT NULL,
    delivery_id     TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    PRIMARY KEY (organization_id, entity, external_id)
);
CREATE INDEX records_id ON records (organization_id, id);

-- Deliveries by their present state, and refusals, counted where they happen: in the same transaction.
CREATE TABLE rollups (
    organization_id TEXT    NOT NULL,
    grain           TEXT    NOT NULL CHECK (grain IN ('minute', 'hour', 'day')),
    bucket          BIGINT  NOT NULL,
    connector_id    TEXT    NOT NULL,
    -- Empty for a refusal that named none.
    event_type      TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    -- Server processes on one database count in rows of their own, so that they do not wait for one another.
    shard           BIGINT  NOT NULL,
    count           BIGINT  NOT NULL,
    PRIMARY KEY (organization_id, grain, bucket, connector_id, event_type, status, shard)
);
