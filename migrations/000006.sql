-- Bodies of batches that wait for their verdict: another machine is given what a lost one left.
CREATE TABLE validation_batch (
  digest     TEXT PRIMARY KEY,
  block_hash TEXT NOT NULL,
  body       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What became of the callbacks of each window, machine by machine.
CREATE TABLE outbox_lease_outcome (
  window_end_height INTEGER NOT NULL,
  lease_id          TEXT NOT NULL,
  kind              TEXT NOT NULL CHECK (kind IN ('generated', 'validated')),
  outcome           TEXT NOT NULL CHECK (outcome IN ('delivered', 'refused', 'expired')),
  callbacks         INTEGER NOT NULL,
  nonces            INTEGER NOT NULL,
  PRIMARY KEY (window_end_height, lease_id, kind, outcome)
) STRICT, WITHOUT ROWID;
