import { callbackFields } from './callback-fields.ts';
import { callbackHash } from '../callback-hash.ts';
import { json, type WorldOutcome, type WorldRequest } from '../exchange.ts';
import type { CallbackLog } from './callback-log.ts';
import type { NodeRegistry } from './node-registry.ts';
import type { PocBook } from './poc-book.ts';
import type { ProofBatch } from './proof-batch.ts';

export interface CallbackServerContext {
  readonly registry: NodeRegistry;
  readonly log: CallbackLog;
  nowMs(): number;
  height(): number | undefined;
  /** The PoC whose messages carry that height, if the Network Node saw it. */
  bookAt(pocStart: number): PocBook | undefined;
  latestBook(): PocBook | undefined;
  isParticipant(publicKey: string): boolean;
}

interface Callback extends ProofBatch {
  readonly fraud_detected: boolean;
}

/**
 * The private server for ML nodes' callbacks of PoC v1 (docs/reference/protocol.md "Callback server"). A 200 is empty;
 * 400 is for what cannot be decoded, 500 for what the chain would not take.
 */
export function createCallbackServer(
  context: CallbackServerContext,
): (request: WorldRequest) => Promise<WorldOutcome> {
  return async (request) => {
    const path = request.path.split('?', 1)[0] ?? '';
    const kind = /^(?:\/mlnode)?\/v1\/poc-batches\/(generated|validated)$/.exec(path)?.[1];
    if (kind !== 'generated' && kind !== 'validated') return json(404, { error: 'Not Found' });
    if (request.method !== 'POST') return json(405, { error: 'Method Not Allowed' });
    const callback = decode(request);
    if (typeof callback === 'string') {
      const book = context.latestBook();
      if (book !== undefined) book.refused += 1;
      return json(400, { error: callback });
    }
    const refusal =
      kind === 'generated' ? takeGenerated(context, callback) : takeValidated(context, callback);
    if (refusal !== undefined) return json(500, { error: refusal });
    context.log.add({
      kind,
      pocStartHeight: callback.block_height,
      hash: callbackHash(request.body),
      acceptedAtMs: context.nowMs(),
    });
    return { status: 200, body: '' };
  };
}

/** The reason of the failed transaction, if it failed. */
function takeGenerated(context: CallbackServerContext, callback: Callback): string | undefined {
  const book = openBook(context, 'generated', callback.block_height);
  if (typeof book === 'string') return book;
  if (callback.nonces.length !== callback.dist.length) return 'tx error: nonces and dist differ in length';
  const node = context.registry.byNodeNum(callback.node_id);
  // Accepted with an empty node id and a warning, as the real one does; the chain does not count it.
  if (node === undefined) book.unattributed += 1;
  else {
    book.nonces.take(node.config.id, pairsOf(callback), context.nowMs());
    const nodeCount = context.registry.nodeCount();
    book.outOfClass += callback.nonces.filter(
      (nonce) => nonce % nodeCount !== node.nodeNum % nodeCount,
    ).length;
  }
  return undefined;
}

const pairsOf = ({ nonces, dist }: Callback): [number, number][] =>
  nonces.map((nonce, position) => [nonce, dist[position] ?? 0]);

function takeValidated(context: CallbackServerContext, callback: Callback): string | undefined {
  const book = openBook(context, 'validated', callback.block_height);
  if (typeof book === 'string') return book;
  const publicKey = hexKey(callback.public_key);
  if (!context.isParticipant(publicKey)) return 'tx error: participant not found';
  book.takeValidated(publicKey, callback.fraud_detected);
  return undefined;
}

function openBook(
  context: CallbackServerContext,
  kind: 'generated' | 'validated',
  pocStart: number,
): PocBook | string {
  const height = context.height();
  if (height === undefined) return 'tx error: chain is not synced';
  const book = context.bookAt(pocStart);
  if (book === undefined) return `tx error: ${pocStart} is not the start of the current PoC`;
  if (book.isWindowOpen(kind, height)) return book;
  book.late += 1;
  return `tx error: too late or too early for ${kind} batches at height ${height}`;
}

/** The callback, or what is wrong with it. */
function decode(request: WorldRequest): Callback | string {
  const fields = callbackFields(request, wrongField);
  if (typeof fields === 'string') return fields;
  const given = fields as Partial<Callback>;
  return {
    public_key: given.public_key ?? '',
    block_hash: given.block_hash ?? '',
    block_height: given.block_height ?? 0,
    nonces: given.nonces ?? [],
    dist: given.dist ?? [],
    node_id: given.node_id ?? 0,
    fraud_detected: given.fraud_detected ?? false,
  };
}

function wrongField(fields: Readonly<Record<string, unknown>>): string | undefined {
  const isArrayOf = (test: (item: unknown) => boolean) => (value: unknown) =>
    value === null || (Array.isArray(value) && value.every(test));
  const isText = (value: unknown): boolean => typeof value === 'string';
  const tests: Record<string, (value: unknown) => boolean> = {
    public_key: isText,
    block_hash: isText,
    block_height: Number.isInteger,
    nonces: isArrayOf(Number.isInteger),
    dist: isArrayOf((item) => typeof item === 'number'),
    node_id: Number.isInteger,
    fraud_detected: (value) => typeof value === 'boolean',
  };
  const isWrong = ([name, test]: [string, (value: unknown) => boolean]): boolean =>
    fields[name] !== undefined && !test(fields[name]);
  return Object.entries(tests).find(isWrong)?.[0];
}

/** Keys come in hex or base64. */
export function hexKey(publicKey: string): string {
  if (/^[0-9a-f]+$/i.test(publicKey)) return publicKey.toLowerCase();
  return Buffer.from(publicKey, 'base64').toString('hex');
}
