-- The durable runtime: rows of charts, why they are where they are, and what is still to happen to them.

CREATE TABLE row (
  id          TEXT PRIMARY KEY,
  chart       TEXT NOT NULL,
  version     INTEGER NOT NULL,
  row_seq     INTEGER NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('active', 'done', 'parked')),
  snapshot    TEXT NOT NULL,
  opened_at   INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX row_by_status ON row (status, updated_at);

-- AUTOINCREMENT: seq is the id of the event stream, a pruned one is never given again.
CREATE TABLE journal (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  row_id TEXT NOT NULL,
  chart  TEXT NOT NULL,
  at     INTEGER NOT NULL,
  event  TEXT NOT NULL,
  value  TEXT NOT NULL
) STRICT;

CREATE TABLE intent (
  id        TEXT PRIMARY KEY,
  row_id    TEXT NOT NULL REFERENCES row (id) ON DELETE CASCADE,
  actor_id  TEXT NOT NULL,
  src       TEXT NOT NULL,
  input     TEXT,
  opened_at INTEGER NOT NULL
) STRICT;
CREATE INDEX intent_by_row ON intent (row_id);

CREATE TABLE timer (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  row_id TEXT NOT NULL REFERENCES row (id) ON DELETE CASCADE,
  id     TEXT NOT NULL,
  due_at REAL NOT NULL,
  event  TEXT NOT NULL,
  UNIQUE (row_id, id)
) STRICT;

CREATE TABLE deadline (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  row_id     TEXT NOT NULL REFERENCES row (id) ON DELETE CASCADE,
  id         TEXT NOT NULL,
  height     INTEGER NOT NULL,
  ceiling_at REAL NOT NULL,
  event      TEXT NOT NULL,
  UNIQUE (row_id, id)
) STRICT;

-- No reference to the reader: a message to a row that is not there is journaled and dropped.
CREATE TABLE inbox (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  from_row TEXT NOT NULL,
  to_row   TEXT NOT NULL,
  event    TEXT NOT NULL
) STRICT;
CREATE INDEX inbox_by_reader ON inbox (to_row);

CREATE TABLE parked (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  row_id TEXT NOT NULL,
  chart  TEXT NOT NULL,
  at     INTEGER NOT NULL,
  event  TEXT NOT NULL,
  fault  TEXT NOT NULL
) STRICT;

-- Money outlives its row, and is readable without a snapshot.
CREATE TABLE lease (
  row_id      TEXT PRIMARY KEY,
  label       TEXT,
  instance_id INTEGER,
  price       INTEGER,
  ttl_until   INTEGER,
  is_gone     INTEGER,
  opened_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE reservation (
  row_id     TEXT PRIMARY KEY,
  reserved   INTEGER NOT NULL,
  settled    INTEGER,
  opened_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE alert (
  key     TEXT PRIMARY KEY,
  row_id  TEXT NOT NULL,
  code    TEXT NOT NULL,
  message TEXT NOT NULL,
  since   INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  lease_id          TEXT NOT NULL,
  kind              TEXT NOT NULL CHECK (kind IN ('generated', 'validated')),
  url               TEXT NOT NULL,
  body              BLOB NOT NULL,
  received_at       INTEGER NOT NULL,
  window_end_height INTEGER NOT NULL,
  attempts          INTEGER NOT NULL DEFAULT 0,
  nonce_count       INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_window ON outbox (window_end_height);

-- What became of the callbacks of each window (two windows a PoC).
CREATE TABLE outbox_outcome (
  window_end_height INTEGER NOT NULL,
  outcome           TEXT NOT NULL CHECK (outcome IN ('delivered', 'refused', 'expired')),
  callbacks         INTEGER NOT NULL,
  nonces            INTEGER NOT NULL,
  PRIMARY KEY (window_end_height, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
