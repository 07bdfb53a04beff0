import { createHash } from 'node:crypto';

/** Names a batch by whose it is and which nonces it has: what a verdict must repeat to be taken from a machine. */
export function batchDigest(batch: {
  readonly publicKey: string;
  readonly nonces: readonly number[];
}): string {
  const sorted = [...batch.nonces].toSorted((a, b) => a - b);
  return createHash('sha256')
    .update(`${batch.publicKey}:${sorted.join(',')}`)
    .digest('base64url');
}
