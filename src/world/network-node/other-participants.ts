import { createHash } from 'node:crypto';
import { Random } from '../random.ts';
import { nonceDistance } from '../machine/nonce-distance.ts';
import type { PowParams } from './pow-init-body.ts';
import type { ProofBatch } from './proof-batch.ts';

/** Another host of the network, whose batches ours has to validate. */
export interface OtherParticipant {
  /** Hex of the account's public key. */
  readonly publicKey: string;
  /** What it has on chain when validation starts; empty nonces = nothing. */
  /** Nonces of PoC v2 that it has committed, the first ones of all. Default: as many as are sampled. */
  readonly artifactCount?: number;
  batch(pocStartHash: string, pocStart: number): Pick<ProofBatch, 'nonces' | 'dist'>;
}

/** Where the search for valid nonces ends, whatever the parameters. */
const highestNonce = 200_000;

/** `count` honest hosts with 30 to 300 valid nonces each, so that some are validated whole and some by a sample. */
export function otherParticipants(count: number, seed: number, pow: PowParams): OtherParticipant[] {
  return Array.from({ length: count }, (_, number) => {
    const publicKey = publicKeyOf(`participant ${seed}/${number}`);
    return {
      publicKey,
      batch: (blockHash, pocStart) => {
        const random = new Random(seed + number * 7_919 + pocStart);
        return validNonces(blockHash, publicKey, Math.floor(random.between(30, 300)), pow);
      },
    };
  });
}

/** A compressed secp256k1 key in form: 33 bytes that begin with 02. */
export function publicKeyOf(name: string): string {
  return `02${createHash('sha256').update(name).digest('hex')}`;
}

function validNonces(
  blockHash: string,
  publicKey: string,
  count: number,
  pow: PowParams,
): Pick<ProofBatch, 'nonces' | 'dist'> {
  const nonces: number[] = [];
  const dist: number[] = [];
  const dimensions = Number(pow.params['vocab_size']);
  for (let nonce = 1; nonces.length < count && nonce < highestNonce; nonce += 1) {
    const distance = nonceDistance({ blockHash, publicKey, nonce, dimensions });
    if (distance >= pow.rTarget) continue;
    nonces.push(nonce);
    dist.push(distance);
  }
  return { nonces, dist };
}
