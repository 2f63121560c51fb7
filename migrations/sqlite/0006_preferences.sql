-- What each person chose about the console: one small object, of which a console writes the parts that it knows.
CREATE TABLE preferences (
    user_id         TEXT    NOT NULL PRIMARY KEY REFERENCES users (id),
    value           TEXT    NOT NULL,
    updated_at      BIGINT  NOT NULL
);
