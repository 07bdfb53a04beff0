-- Inference by UTC day (counted from 1970-01-01), caller, back end and its model. Money in millionths of a dollar.

CREATE TABLE inference_usage (
  day               INTEGER NOT NULL,
  caller            TEXT NOT NULL,
  back_end          TEXT NOT NULL,
  model             TEXT NOT NULL,
  requests          INTEGER NOT NULL,
  failed            INTEGER NOT NULL,
  prompt_tokens     INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  cost              INTEGER NOT NULL,
  unknown_cost      INTEGER NOT NULL,
  assumed_tokens    INTEGER NOT NULL,
  assumed_cost      INTEGER NOT NULL,
  PRIMARY KEY (day, caller, back_end, model)
) STRICT, WITHOUT ROWID;
