import { z } from 'zod';
import type { NodeUnderTest } from './node-under-test.ts';
import { artifact, artifactEncoding } from './answer-shapes.ts';
import { Broken, NotApplicable } from './rule.ts';
import type { CallbackReceiver, ReceivedCallback } from './callback-receiver.ts';

/** Callbacks of both generations (docs/reference/protocol.md "Payloads", "PoC v2"). */
const batch = {
  public_key: z.string(),
  block_hash: z.string(),
  block_height: z.int(),
  nonces: z.array(z.int().min(0)).min(1),
  dist: z.array(z.number()).min(1),
  node_id: z.int(),
};
export const generatedBatch = z.object(batch);
export type GeneratedBatch = z.infer<typeof generatedBatch>;

export const validatedBatch = z.object({
  ...batch,
  received_dist: z.array(z.number()),
  r_target: z.number(),
  fraud_threshold: z.number(),
  n_invalid: z.int().min(0),
  probability_honest: z.number(),
  fraud_detected: z.boolean(),
});

export const generatedArtifacts = z.object({
  public_key: z.string(),
  block_hash: z.string(),
  block_height: z.int(),
  node_id: z.int(),
  artifacts: z.array(artifact).min(1),
  encoding: artifactEncoding,
});

export const comparedArtifacts = z.object({
  request_id: z.string(),
  public_key: z.string(),
  block_hash: z.string(),
  block_height: z.int(),
  node_id: z.int(),
  n_total: z.int().min(0),
  n_mismatch: z.int().min(0),
  mismatch_nonces: z.array(z.int()),
  p_value: z.number(),
  fraud_detected: z.boolean(),
});

/** Throws NotApplicable when nobody listens for callbacks. */
export function neededReceiver(node: NodeUnderTest): CallbackReceiver {
  const { callbacks } = node.options;
  if (callbacks === undefined) throw new NotApplicable('nobody listens for callbacks (--callback-listen)');
  return callbacks;
}

/** Waits for a callback of one kind, by the end of its path. */
export function awaitCallback(
  node: NodeUnderTest,
  kind: 'generated' | 'validated',
  isMeant: (callback: ReceivedCallback) => boolean = () => true,
): Promise<ReceivedCallback> {
  const receiver = neededReceiver(node);
  return node.waitFor(`a callback to …/${kind}`, async () =>
    receiver.received.find((callback) => isKind(callback, kind) && isMeant(callback)),
  );
}

export const isKind = ({ path }: { readonly path: string }, kind: string): boolean =>
  path.split('?')[0]?.endsWith(`/${kind}`) === true;

/** The body in its shape. Throws Broken. */
export function readCallback<T>({ path, body }: ReceivedCallback, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Broken(
    `the callback to ${path}: ${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'is wrong'}`,
  );
}

/** The last callback of a kind that can be read at all; a rule of its own says what is wrong with the others. */
export function lastReadable<T>(
  receiver: CallbackReceiver,
  kind: 'generated' | 'validated',
  shape: z.ZodType<T>,
): T | null {
  for (const callback of receiver.received.toReversed()) {
    const parsed = isKind(callback, kind) ? shape.safeParse(jsonOf(callback.body)) : undefined;
    if (parsed?.success === true) return parsed.data;
  }
  return null;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
