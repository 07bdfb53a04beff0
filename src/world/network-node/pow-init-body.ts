/** What the chain's PoC parameters put into an init request. Defaults: mainnet's from 2025-12-22 on. */
export interface PowParams {
  readonly batchSize: number;
  readonly rTarget: number;
  readonly fraudThreshold: number;
  readonly params: Readonly<Record<string, number | boolean>>;
}

export const mainnetPowParams: PowParams = {
  batchSize: 100,
  rTarget: 1.398077,
  fraudThreshold: 1e-7,
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
};

/** Body of `pow/init/generate` and `pow/init/validate` (docs/reference/protocol.md "PoC v1 endpoints"). */
export interface PowInitBody {
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

export function powInitBody(facts: {
  nodeNum: number;
  nodeCount: number;
  /** `poc_start`, or the trigger of a confirmation PoC. */
  stageHeight: number;
  blockHash: string;
  publicKey: string;
  callbackOrigin: string;
  pow: PowParams;
}): PowInitBody {
  return {
    node_id: facts.nodeNum,
    node_count: facts.nodeCount,
    block_hash: facts.blockHash,
    block_height: facts.stageHeight,
    public_key: facts.publicKey,
    batch_size: facts.pow.batchSize,
    r_target: facts.pow.rTarget,
    fraud_threshold: facts.pow.fraudThreshold,
    params: facts.pow.params,
    url: `${facts.callbackOrigin}/v1/poc-batches`,
  };
}
