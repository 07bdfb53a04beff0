import { z } from 'zod';

/** What one machine was asked for, and so the only callbacks that it may post. */
export interface Asked {
  /** The init call as relayed to that machine (with its own share of the nonce space); null before the first one. */
  readonly init: RelayedInit | null;
  /** Path (and query) of the init's `url`, byte for byte, without `/generated`. */
  readonly basePath: string;
  /** Batches of `pow/validate` that were posted to that machine. */
  isPosted(batch: PostedBatch): boolean;
  /** True until the machine is ready: qualification posts fixed bytes that are no JSON. */
  readonly isProbeAllowed: boolean;
}

export interface RelayedInit {
  readonly blockHash: string;
  readonly blockHeight: number;
  readonly publicKey: string;
  readonly nodeId: number;
  readonly nodeCount: number;
}

export interface PostedBatch {
  readonly publicKey: string;
  readonly nonces: readonly number[];
}

/** A callback as it came in. */
export interface Callback {
  readonly method: string;
  /** As on the wire. */
  readonly path: string;
  /** The body's text. */
  readonly text: string;
}

export type Judgement =
  | {
      readonly ok: true;
      readonly kind: 'generated' | 'validated';
      readonly nonceCount: number;
      readonly nodeId: number;
      readonly batch: PostedBatch;
    }
  | { readonly ok: false; readonly reason: RefusalReason };

/** Why a callback is refused; `probe` is the one that is expected. */
export type RefusalReason =
  | 'probe'
  | 'method'
  | 'not_json'
  | 'nothing_asked'
  | 'path'
  | 'shape'
  | 'block_hash'
  | 'block_height'
  | 'public_key'
  | 'node_id'
  | 'nonce_class'
  | 'batch_unknown';

const proofBatch = z.looseObject({
  public_key: z.string(),
  block_hash: z.string(),
  block_height: z.int(),
  nonces: z.array(z.int().min(0)),
  dist: z.array(z.number()),
  node_id: z.int(),
});
type ProofBatch = z.infer<typeof proofBatch>;

/**
 * A rented machine is not trusted: it may post only what the running calls asked of it (docs/reference/protocol.md
 * "Payloads"). Pure; never throws.
 */
export function judge(callback: Callback, asked: Asked | null): Judgement {
  if (callback.method !== 'POST') return refused('method');
  const body = parsed(callback.text);
  if (body === undefined) return refused(asked?.isProbeAllowed ? 'probe' : 'not_json');
  if (!asked?.init) return refused('nothing_asked');
  const kind = kindOf(callback.path, asked.basePath);
  if (!kind) return refused('path');
  const batch = proofBatch.safeParse(body);
  if (!batch.success || batch.data.nonces.length !== batch.data.dist.length) return refused('shape');
  const reason = commonFault(batch.data, asked.init) ?? faults[kind](batch.data, asked, asked.init);
  if (reason) return refused(reason);
  const { nonces, node_id: nodeId, public_key: publicKey } = batch.data;
  return { ok: true, kind, nonceCount: new Set(nonces).size, nodeId, batch: { publicKey, nonces } };
}

const refused = (reason: RefusalReason): Judgement => ({ ok: false, reason });

const commonFault = (batch: ProofBatch, init: RelayedInit): RefusalReason | undefined => {
  if (batch.block_hash !== init.blockHash) return 'block_hash';
  return batch.block_height === init.blockHeight ? undefined : 'block_height';
};

const faults = {
  generated(batch: ProofBatch, _asked: Asked, init: RelayedInit): RefusalReason | undefined {
    if (batch.public_key !== init.publicKey) return 'public_key';
    if (batch.node_id !== init.nodeId) return 'node_id';
    return batch.nonces.every((nonce) => isOwn(nonce, init)) ? undefined : 'nonce_class';
  },
  /** `node_id` stands at 0 there and is not read by the Network Node, so it is not judged. */
  validated(batch: ProofBatch, asked: Asked): RefusalReason | undefined {
    return asked.isPosted({ publicKey: batch.public_key, nonces: batch.nonces })
      ? undefined
      : 'batch_unknown';
  },
};

/** A machine without numbers only validates: no nonce is its own. */
const isOwn = (nonce: number, { nodeId, nodeCount }: RelayedInit): boolean =>
  nodeCount > 0 && nonce >= nodeId && (nonce - nodeId) % nodeCount === 0;

function kindOf(path: string, basePath: string): 'generated' | 'validated' | undefined {
  for (const kind of ['generated', 'validated'] as const) {
    const own = `${basePath}/${kind}`;
    if (path === own || path.startsWith(`${own}?`)) return kind;
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
