import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './sqlite-database.ts';
import { batchesMax, type ValidationBatches } from './validation-batches.ts';

/** Bodies of posted batches in the daemon's store. */
export function createSqliteValidationBatches(database: DatabaseSync): ValidationBatches {
  const insert = database.prepare(
    `INSERT INTO validation_batch (digest, block_hash, body)
     SELECT ?, ?, ? WHERE (SELECT count(*) FROM validation_batch) < ${batchesMax}
     ON CONFLICT (digest) DO NOTHING`,
  );
  const select = database.prepare('SELECT body FROM validation_batch WHERE digest = ?');
  const ofPoc = database.prepare('SELECT digest FROM validation_batch WHERE block_hash = ? ORDER BY digest');
  const drop = database.prepare('DELETE FROM validation_batch WHERE block_hash IS NOT ?');
  return {
    put: ({ digest, blockHash, body }) =>
      inTransaction(database, () => void insert.run(digest, blockHash, body)),
    body: (digest) => (select.get(digest) as { body: string } | undefined)?.body,
    digestsOf: (blockHash) => ofPoc.all(blockHash).map((row) => String(row['digest'])),
    keepOnly: (blockHash) => inTransaction(database, () => void drop.run(blockHash)),
  };
}
