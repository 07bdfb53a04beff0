import { hash } from 'node:crypto';

/**
 * Stands in for the forward pass: the distance between two unit vectors of `dimensions` random components, seeded by
 * `{block_hash}_{public_key}_nonce{n}` as the real one. The cosine of such vectors is normal with deviation
 * 1/√dimensions; with the vocabulary of 8196 this makes 5 % of all nonces valid at r_target 1.40136 and 2 % at
 * 1.398077, the factor of 2.5 by which the chain scaled weights when it changed r_target.
 */
export function nonceDistance(seed: {
  blockHash: string;
  publicKey: string;
  nonce: number;
  dimensions: number;
}): number {
  // Text, a byte a character: a buffer for each of thousands of nonces would cost more than its hash.
  const digest = hash('sha256', `${seed.blockHash}_${seed.publicKey}_nonce${seed.nonce}`, 'binary');
  const radius = Math.sqrt(-2 * Math.log((wordAt(digest, 0) + 1) / 4_294_967_297));
  const angle = (2 * Math.PI * wordAt(digest, 4)) / 4_294_967_296;
  const cosine = (radius * Math.cos(angle)) / Math.sqrt(seed.dimensions);
  return Math.sqrt(Math.max(0, 2 - 2 * cosine));
}

/** Four bytes as a number, the first one counting most. */
const wordAt = (bytes: string, at: number): number =>
  bytes.charCodeAt(at) * 16_777_216 +
  (bytes.charCodeAt(at + 1) << 16) +
  (bytes.charCodeAt(at + 2) << 8) +
  bytes.charCodeAt(at + 3);

/** Share of valid nonces at mainnet's r_target 1.398077 and vocabulary of 8196. */
export const mainnetValidShare = 0.02;
