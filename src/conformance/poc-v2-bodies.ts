import type { z } from 'zod';
import type { generatedArtifacts } from './callback-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { newBlock, nowhere } from './pow-v1-bodies.ts';

export type Artifacts = z.infer<typeof generatedArtifacts>;

/** The init request of PoC v2 (docs/reference/protocol.md "PoC v2"). */
export interface PocV2Init {
  readonly block_hash: string;
  readonly block_height: number;
  readonly public_key: string;
  readonly node_id: number;
  readonly node_count: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly url: string;
}

export const newPocV2Init = (node: NodeUnderTest, model: string): PocV2Init =>
  pocV2InitTo(node.options.callbacks?.origin ?? nowhere, model);

/** For a block that no chain has. The model id is percent-encoded twice, as the Network Node does it. */
export function pocV2InitTo(origin: string, model: string): PocV2Init {
  return {
    ...newBlock(),
    node_id: 2,
    node_count: 5,
    params: { model, seq_len: 1024 },
    // Nobody on the way may touch the path.
    url: `${origin}/v2/poc-batches/${encodeURIComponent(encodeURIComponent(model))}`,
  };
}

/** What the Network Node sends beside the artifacts (docs/reference/protocol.md "PoC v2"). */
export const statTest = { dist_threshold: 0.4, p_mismatch: 0.1, p_value_threshold: 0.05 };
