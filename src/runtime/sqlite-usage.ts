import type { DatabaseSync } from 'node:sqlite';
import type { MicroUsd } from '../units.ts';
import { inTransaction } from './sqlite-database.ts';
import type { UsageLedger, UsageRow } from './usage-ledger.ts';

/** Table `inference_usage` of the daemon's store. Money, so it is kept for ever. */
export function createSqliteUsage(database: DatabaseSync): UsageLedger {
  const add = database.prepare(
    `INSERT INTO inference_usage (day, caller, back_end, model, requests, failed, prompt_tokens, completion_tokens,
       cost, unknown_cost, assumed_tokens, assumed_cost)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (day, caller, back_end, model) DO UPDATE SET
       requests = requests + excluded.requests,
       failed = failed + excluded.failed,
       prompt_tokens = prompt_tokens + excluded.prompt_tokens,
       completion_tokens = completion_tokens + excluded.completion_tokens,
       cost = cost + excluded.cost,
       unknown_cost = unknown_cost + excluded.unknown_cost,
       assumed_tokens = assumed_tokens + excluded.assumed_tokens,
       assumed_cost = assumed_cost + excluded.assumed_cost`,
  );
  const ofDay = database.prepare(
    'SELECT * FROM inference_usage WHERE day = ? ORDER BY caller, back_end, model',
  );
  return {
    add: (rows) => {
      inTransaction(database, () => {
        for (const row of rows) add.run(...values(row));
      });
    },
    ofDay: (day) => ofDay.all(day).map((row) => record(row as unknown as Columns)),
  };
}

interface Columns {
  day: number;
  caller: string;
  back_end: string;
  model: string;
  requests: number;
  failed: number;
  prompt_tokens: number;
  completion_tokens: number;
  cost: number;
  unknown_cost: number;
  assumed_tokens: number;
  assumed_cost: number;
}

const values = (row: UsageRow) =>
  [
    row.day,
    row.caller,
    row.backEnd,
    row.model,
    row.requests,
    row.failed,
    row.promptTokens,
    row.completionTokens,
    row.cost,
    row.unknownCost,
    row.assumedTokens,
    row.assumedCost,
  ] as const;

const record = (row: Columns): UsageRow => ({
  day: row.day,
  caller: row.caller,
  backEnd: row.back_end,
  model: row.model,
  requests: row.requests,
  failed: row.failed,
  promptTokens: row.prompt_tokens,
  completionTokens: row.completion_tokens,
  cost: row.cost as MicroUsd,
  unknownCost: row.unknown_cost,
  assumedTokens: row.assumed_tokens,
  assumedCost: row.assumed_cost as MicroUsd,
});
