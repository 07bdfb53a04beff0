import { batchDigest } from '../../../src/server/relay/batch-digest.ts';
import type { RelayedCalls } from '../../../src/server/relay/receiver.ts';

export const participantKey = '03aa';

/** Machine k=1 of 2 of node 1 among 2: class 3 modulo 4. */
export const asked: RelayedCalls = {
  origin: 'http://api:9100',
  networkNodeId: 1,
  basePath: '/v1/poc-batches',
  init: { blockHash: 'ABCDEF', blockHeight: 2_089_140, publicKey: '02ff', nodeId: 3, nodeCount: 4 },
  isPosted: (batch) => batchDigest(batch) === batchDigest({ publicKey: participantKey, nonces: [10, 4, 7] }),
  isProbeAllowed: false,
};

export const generatedBody = (change: Record<string, unknown> = {}): string =>
  JSON.stringify({
    public_key: '02ff',
    block_hash: 'ABCDEF',
    block_height: 2_089_140,
    nonces: [3, 7, 4_000_003],
    dist: [1.31, 1.39, 1],
    node_id: 3,
    ...change,
  });

export const validatedBody = (change: Record<string, unknown> = {}): string =>
  generatedBody({
    public_key: participantKey,
    nonces: [4, 7, 10],
    node_id: 0,
    received_dist: [1.31, 1.39, 1],
    r_target: 1.398077,
    fraud_threshold: 1e-7,
    n_invalid: 0,
    probability_honest: 1,
    fraud_detected: false,
    ...change,
  });
