import { randomBytes } from 'node:crypto';
import type { NodeUnderTest } from './node-under-test.ts';

/** The init request of PoC v1 (docs/reference/protocol.md "PoC v1 endpoints"). */
export interface PowInit {
  readonly node_id: number;
  readonly node_count: number;
  readonly block_hash: string;
  readonly block_height: number;
  readonly public_key: string;
  readonly batch_size: number;
  readonly r_target: number;
  readonly fraud_threshold: number;
  readonly params: Readonly<Record<string, number | boolean>>;
  readonly url: string;
}

/** Where callbacks go that nobody wants: the discard port, where nothing listens. */
export const nowhere = 'http://127.0.0.1:9';

export const newPowInit = (node: NodeUnderTest): PowInit =>
  powInitTo(node.options.callbacks?.origin ?? nowhere);

/** As on mainnet (docs/reference/protocol.md "Mainnet parameters"), for a block that no chain has. */
export function powInitTo(origin: string): PowInit {
  return {
    // A class that is neither the first nor the only one, so that a node which ignores it is seen.
    node_id: 2,
    node_count: 5,
    ...newBlock(),
    batch_size: 100,
    r_target: 1.398077,
    fraud_threshold: 1e-7,
    params: {
      dim: 1792,
      n_layers: 64,
      n_heads: 64,
      n_kv_heads: 64,
      vocab_size: 8196,
      ffn_dim_multiplier: 10,
      multiple_of: 8192,
      norm_eps: 1e-5,
      rope_theta: 10_000,
      use_scaled_rope: false,
      seq_len: 256,
    },
    url: `${origin}/v1/poc-batches`,
  };
}

/** A proof batch in the class of `init`, for a node whose own batches nobody sees. */
export const madeUpBatch = (init: PowInit) => ({
  public_key: init.public_key,
  block_hash: init.block_hash,
  block_height: init.block_height,
  nonces: [init.node_id, init.node_id + init.node_count],
  dist: [1.31, 1.39],
  node_id: 0,
});

export const newBlock = () => ({
  block_hash: randomBytes(32).toString('hex').toUpperCase(),
  block_height: 1_000_000 + (randomBytes(2).readUInt16BE() % 50_000),
  public_key: `02${randomBytes(32).toString('hex')}`,
});
