import type { z } from 'zod';
import type { CallbackReceiver, ReceivedCallback } from './callback-receiver.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { Broken, type Generation, NotApplicable } from './rule.ts';

/** Throws NotApplicable when nobody listens for callbacks. */
export function neededReceiver(node: NodeUnderTest): CallbackReceiver {
  const { callbacks } = node.options;
  if (callbacks === undefined) throw new NotApplicable('nobody listens for callbacks (--callback-listen)');
  return callbacks;
}

export interface CallbackKind {
  readonly generation: Generation;
  readonly name: 'generated' | 'validated';
}

/** By both ends of its path: both generations may run against one receiver. */
const isOfKind = (path: string, { generation, name }: CallbackKind): boolean =>
  path.startsWith('/v2/') === (generation === 'v2') && path.split('?')[0]?.endsWith(`/${name}`) === true;

/** Waits for a callback of one kind. */
export function awaitCallback(
  node: NodeUnderTest,
  kind: CallbackKind,
  isMeant: (callback: ReceivedCallback) => boolean = () => true,
): Promise<ReceivedCallback> {
  const receiver = neededReceiver(node);
  return node.waitFor(`a callback to …/${kind.name}`, async () =>
    receiver.received.find((callback) => isOfKind(callback.path, kind) && isMeant(callback)),
  );
}

/** Refuses the next callback of a kind, and waits for it to come again. */
export async function awaitRepetition(node: NodeUnderTest, kind: CallbackKind): Promise<void> {
  neededReceiver(node).refuseNext((path) => isOfKind(path, kind));
  const refused = await awaitCallback(node, kind, ({ status }) => status === 503);
  await awaitCallback(node, kind, ({ status, body }) => status === 200 && body === refused.body);
}

/** Throws Broken unless path, method and Content-Type are those that are due for an init's `url`. */
export function expectPosted(
  { method, path, contentType }: ReceivedCallback,
  url: string,
  name: string,
): void {
  const due = `${url.slice(new URL(url).origin.length)}/${name}`;
  if (method !== 'POST' || path !== due) throw new Broken(`${method} ${path}, where POST ${due} is due`);
  if (!contentType.startsWith('application/json'))
    throw new Broken(`its Content-Type is ${contentType || 'missing'}`);
}

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
  kind: CallbackKind,
  shape: z.ZodType<T>,
): T | null {
  for (const callback of receiver.received.toReversed()) {
    const parsed = isOfKind(callback.path, kind) ? shape.safeParse(jsonOf(callback.body)) : undefined;
    if (parsed?.success === true) return parsed.data;
  }
  return null;
}

/** Throws Broken for a nonce outside the class that the init gives, or one that is there twice. */
export function expectInClass(
  nonces: readonly number[],
  { node_id: id, node_count: count }: { readonly node_id: number; readonly node_count: number },
): void {
  const foreign = nonces.find((nonce) => nonce % count !== id % count);
  if (foreign !== undefined) throw new Broken(`nonce ${foreign} is not in the class ${id} modulo ${count}`);
  if (new Set(nonces).size !== nonces.length) throw new Broken('a nonce is there twice');
}

/** Throws Broken unless a callback carries what its init said. */
export function expectAsAsked<
  Fields extends { block_hash: string; block_height: number; public_key: string; node_id: number },
>(sent: Fields, init: Fields): void {
  const fields = ['block_hash', 'block_height', 'public_key', 'node_id'] as const;
  const wrong = fields.filter((field) => sent[field] !== init[field]);
  if (wrong.length > 0) throw new Broken(`it differs in ${wrong.join(', ')}`);
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
