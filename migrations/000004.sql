-- What every rental taught: how it booted, how it ended, what it cost and what it computed. Machine memory, boot
-- history and nonce rates are read from it; a line is written when the machine is ready and again when it is gone.
CREATE TABLE rental (
  lease_id      TEXT PRIMARY KEY,
  owner         TEXT NOT NULL,
  machine_id    INTEGER NOT NULL,
  image         TEXT NOT NULL,
  gpu_name      TEXT NOT NULL,
  gpu_count     INTEGER NOT NULL,
  gpu_ram_mb    INTEGER NOT NULL,
  inet_down     REAL NOT NULL,
  reliability   REAL NOT NULL,
  gpu_price     INTEGER NOT NULL,
  disk_price    INTEGER NOT NULL,
  traffic_usd   REAL NOT NULL,
  opened_at     INTEGER NOT NULL,
  owned_since   INTEGER NOT NULL,
  running_at    INTEGER,
  ready_at      INTEGER,
  ended_at      INTEGER,
  -- Micro-dollars; null while the machine is there.
  settled       INTEGER,
  -- Code of the fault that ended it; null = none.
  fault         TEXT,
  -- Class of the machine's own fault; null = it had none.
  distrust      TEXT,
  is_forgiven   INTEGER NOT NULL DEFAULT 0,
  nonces        INTEGER,
  work_ms       INTEGER
) STRICT;
CREATE INDEX rental_by_time ON rental (opened_at);
CREATE INDEX rental_by_machine ON rental (machine_id);
