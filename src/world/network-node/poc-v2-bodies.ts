/** Body of `inference/pow/init/generate` (docs/reference/protocol.md "PoC v2 callbacks"). */
export interface PocV2Init {
  readonly block_hash: string;
  readonly block_height: number;
  readonly public_key: string;
  readonly node_id: number;
  readonly node_count: number;
  readonly params: { readonly model: string; readonly seq_len: number };
  readonly url: string;
}

/** Body of `inference/pow/generate`, `wait` left out. */
export interface PocV2Job extends PocV2Init {
  readonly nonces: readonly number[];
  readonly validation: {
    readonly artifacts: readonly { readonly nonce: number; readonly vector_b64: string }[];
  };
  readonly stat_test: {
    readonly dist_threshold: number;
    readonly p_mismatch: number;
    readonly p_value_threshold: number;
  };
}

export function pocV2Body(facts: {
  blockHash: string;
  blockHeight: number;
  publicKey: string;
  nodeId: number;
  nodeCount: number;
  model: string;
  seqLen: number;
  url: string;
}): PocV2Init {
  return {
    block_hash: facts.blockHash,
    block_height: facts.blockHeight,
    public_key: facts.publicKey,
    node_id: facts.nodeId,
    node_count: facts.nodeCount,
    params: { model: facts.model, seq_len: facts.seqLen },
    url: facts.url,
  };
}

/** The model id is percent-encoded twice; before v0.2.12 the path had none. */
export const pocV2CallbackUrl = (origin: string, model: string | undefined): string =>
  `${origin}/v2/poc-batches${model === undefined ? '' : `/${encodeURIComponent(encodeURIComponent(model))}`}`;
