-- What was told of each alert, and the messages that are on their way. Money and rows do not depend on it.

CREATE TABLE alert_incident (
  key          TEXT PRIMARY KEY,
  id           TEXT NOT NULL,
  kind         TEXT NOT NULL,
  severity     TEXT NOT NULL,
  code         TEXT NOT NULL,
  message      TEXT NOT NULL,
  opened_at    INTEGER NOT NULL,
  told_at      INTEGER,
  tellings     INTEGER NOT NULL,
  absent_since INTEGER,
  recovered_at INTEGER,
  flaps        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a message and channel. Those that are finished stay for a while, as the history.
CREATE TABLE alert_notice (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  channel     TEXT NOT NULL,
  body        TEXT NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('queued', 'sent', 'refused', 'expired', 'dropped')),
  created_at  INTEGER NOT NULL,
  attempts    INTEGER NOT NULL DEFAULT 0,
  finished_at INTEGER,
  fault       TEXT
) STRICT;
CREATE INDEX alert_notice_queue ON alert_notice (status, channel, id);
