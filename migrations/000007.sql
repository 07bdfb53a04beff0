-- Inspection reads the journal of one row; without this it reads the whole journal for it.
CREATE INDEX journal_by_row ON journal (row_id, seq);

-- How the callbacks of each window came in and went out, a line whenever something changed (a few seconds apart).
CREATE TABLE callback_sample (
  window_end_height       INTEGER NOT NULL,
  at                      INTEGER NOT NULL,
  kind                    TEXT NOT NULL,
  queued_callbacks        INTEGER NOT NULL,
  queued_nonces           INTEGER NOT NULL,
  delivered_callbacks     INTEGER NOT NULL,
  delivered_nonces        INTEGER NOT NULL,
  undeliverable_callbacks INTEGER NOT NULL,
  undeliverable_nonces    INTEGER NOT NULL,
  PRIMARY KEY (window_end_height, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX callback_sample_at ON callback_sample (at);
