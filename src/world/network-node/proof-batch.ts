import type { Random } from '../random.ts';

/** The `/generated` callback, and the body of `pow/validate`. */
export interface ProofBatch {
  readonly public_key: string;
  readonly block_hash: string;
  readonly block_height: number;
  readonly nonces: readonly number[];
  readonly dist: readonly number[];
  readonly node_id: number;
}

/** Most nonces of one participant that are validated. */
const validationSampleSize = 200;

/** What is posted to `pow/validate`: at most 200 nonces in their order, `node_id` 0 as Go's zero value. */
export function sampleForValidation(batch: ProofBatch, random: Random): ProofBatch {
  const positions = batch.nonces.map((_, position) => ({ position, draw: random.next() }));
  const kept = positions
    .toSorted((one, other) => one.draw - other.draw)
    .slice(0, validationSampleSize)
    .map(({ position }) => position)
    .toSorted((one, other) => one - other);
  return {
    ...batch,
    nonces: kept.map((position) => batch.nonces[position] ?? 0),
    dist: kept.map((position) => batch.dist[position] ?? 0),
    node_id: 0,
  };
}
