import { nonceDistance } from '../world/machine/nonce-distance.ts';
import { type OtherParticipant, publicKeyOf } from '../world/network-node/other-participants.ts';
import { mainnetPowParams } from '../world/network-node/pow-init-body.ts';

const noncesEach = 4;

/** Honest hosts with a handful of valid nonces each: what has to be validated, at the least cost of hashing. */
export function smallParticipants(count: number, seed: number): OtherParticipant[] {
  return Array.from({ length: count }, (_, number) => {
    const publicKey = publicKeyOf(`participant ${seed}/${number}`);
    return { publicKey, artifactCount: noncesEach, batch: (blockHash) => firstValid(blockHash, publicKey) };
  });
}

function firstValid(blockHash: string, publicKey: string): { nonces: number[]; dist: number[] } {
  const { rTarget, params } = mainnetPowParams;
  const nonces: number[] = [];
  const dist: number[] = [];
  for (let nonce = 1; nonces.length < noncesEach; nonce += 1) {
    const distance = nonceDistance({
      blockHash,
      publicKey,
      nonce,
      dimensions: Number(params['vocab_size']),
    });
    if (distance >= rTarget) continue;
    nonces.push(nonce);
    dist.push(distance);
  }
  return { nonces, dist };
}
