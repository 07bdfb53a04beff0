import { z } from 'zod';
import type { PocV2Job, PocV2JobKey, RunningPocV2 } from '../../machines/poc-v2-context.ts';
import type { Callback, RefusalReason } from './guard.ts';

/** What one machine was asked for in PoC v2, and so the only callbacks that it may post. */
export interface AskedV2 {
  /** The init that it took; null before the first one. */
  readonly init: RunningPocV2 | null;
  /** Validations that were posted to it. */
  readonly jobs: readonly PocV2Job[];
}

export type JudgementV2 =
  | {
      readonly ok: true;
      readonly kind: 'generated' | 'validated';
      /** Scheme, host and port of the Network Node. */
      readonly origin: string;
      readonly blockHeight: number;
      readonly nonceCount: number;
      /** Of a verdict. */
      readonly job: PocV2JobKey | null;
    }
  | { readonly ok: false; readonly reason: RefusalReason };

/** Nonces have to fit an int32 (docs/reference/protocol.md "Nonce partition"). */
const nonce = z.int().min(0).max(2_147_483_647);
const common = { public_key: z.string(), block_hash: z.string(), block_height: z.int(), node_id: z.int() };
const artifacts = z.looseObject({
  ...common,
  artifacts: z.array(
    z.looseObject({
      nonce,
      vector_b64: z.string().regex(/^(?:[A-Za-z0-9+/]{4}){1,1024}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
    }),
  ),
});
const verdict = z.looseObject({
  ...common,
  request_id: z.string(),
  n_total: z.int().min(0),
  n_mismatch: z.int().min(0),
  mismatch_nonces: z.array(nonce),
  p_value: z.number(),
  fraud_detected: z.boolean(),
});

/** Whether a path belongs to a call of PoC v2; the model id in it is twice encoded and compared as it stands. */
export const isPathV2 = (path: string, asked: AskedV2): boolean => callsOf(path, asked).length > 0;

/**
 * A rented machine is not trusted: of PoC v2 too it may post only what the running calls asked of it
 * (docs/reference/protocol.md "PoC v2 callbacks"). Pure; never throws.
 */
export function judgeV2(callback: Callback, asked: AskedV2): JudgementV2 {
  if (callback.method !== 'POST') return refused('method');
  const body = parsed(callback.text);
  if (body === undefined) return refused('not_json');
  const kinds = callsOf(callback.path, asked);
  if (kinds.includes('generated')) return generated(body, asked.init);
  if (kinds.includes('validated')) return validated(body, callback.path, asked.jobs);
  return refused('path');
}

function generated(body: unknown, init: RunningPocV2 | null): JudgementV2 {
  const read = artifacts.safeParse(body);
  if (init === null || init.callbackOrigin === null) return refused('nothing_asked');
  if (!read.success) return refused('shape');
  const { data } = read;
  if (data.block_hash !== init.blockHash) return refused('block_hash');
  if (data.block_height !== init.blockHeight) return refused('block_height');
  if (data.public_key !== init.publicKey) return refused('public_key');
  if (data.node_id !== init.nodeId) return refused('node_id');
  const nonces = data.artifacts.map((artifact) => artifact.nonce);
  if (!nonces.every((each) => isOwn(each, init))) return refused('nonce_class');
  return {
    ok: true,
    kind: 'generated',
    origin: init.callbackOrigin,
    blockHeight: init.blockHeight,
    nonceCount: new Set(nonces).size,
    job: null,
  };
}

/** `node_id` is not read by the Network Node there, so it is not judged. */
function validated(body: unknown, path: string, jobs: readonly PocV2Job[]): JudgementV2 {
  const read = verdict.safeParse(body);
  if (!read.success) return refused('shape');
  const { data } = read;
  const posted = jobs.filter((job) => isUnder(path, job.callbackPath, 'validated'));
  const job = posted.find(
    (each) => each.publicKey === data.public_key && each.blockHeight === data.block_height,
  );
  if (job === undefined) return refused('batch_unknown');
  if (job.blockHash !== data.block_hash) return refused('block_hash');
  if (data.n_total > job.nonceCount || data.n_mismatch > data.n_total) return refused('batch_unknown');
  return {
    ok: true,
    kind: 'validated',
    origin: job.callbackOrigin,
    blockHeight: job.blockHeight,
    nonceCount: data.n_total,
    job: { publicKey: job.publicKey, blockHeight: job.blockHeight, callbackPath: job.callbackPath },
  };
}

const refused = (reason: RefusalReason): JudgementV2 => ({ ok: false, reason });

const isOwn = (each: number, { nodeId, nodeCount }: RunningPocV2): boolean =>
  nodeCount > 0 && each >= nodeId && (each - nodeId) % nodeCount === 0;

function callsOf(path: string, { init, jobs }: AskedV2): readonly ('generated' | 'validated')[] {
  const isGenerated =
    init !== null && init.callbackPath !== null && isUnder(path, init.callbackPath, 'generated');
  const isValidated = jobs.some((job) => isUnder(path, job.callbackPath, 'validated'));
  return [...(isGenerated ? (['generated'] as const) : []), ...(isValidated ? (['validated'] as const) : [])];
}

function isUnder(path: string, basePath: string, kind: 'generated' | 'validated'): boolean {
  const own = `${basePath}/${kind}`;
  return path === own || path.startsWith(`${own}?`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
