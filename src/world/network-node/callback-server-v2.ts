import { callbackHash } from '../callback-hash.ts';
import { json, type WorldOutcome, type WorldRequest } from '../exchange.ts';
import type { CallbackServerContext } from './callback-server.ts';
import { decodeCallback, type GeneratedArtifacts, type ValidatedArtifacts } from './poc-v2-callbacks.ts';
import type { PocBook } from './poc-book.ts';

export interface CallbackServerV2Context extends CallbackServerContext {
  /** The PoC whose callbacks of that kind are taken now. */
  taking(kind: 'generated' | 'validated'): PocBook | undefined;
  /** Whether the path names the model, as since v0.2.12. */
  readonly hasModelSegment: boolean;
}

interface Refusal {
  readonly status: 400 | 500 | 503;
  readonly error: string;
}

/** The private server for callbacks of PoC v2; what is wrong is told in the real one's order (docs/reference/protocol.md "Callback server"). */
export function createCallbackServerV2(
  context: CallbackServerV2Context,
): (request: WorldRequest) => Promise<WorldOutcome> {
  return async (request) => {
    const route = routeOf(request.path, context.hasModelSegment);
    if (route === undefined) return json(404, { error: 'Not Found' });
    if (request.method !== 'POST') return json(405, { error: 'Method Not Allowed' });
    const book = context.taking(route.kind);
    const refusal = take(context, request, route, book);
    if (refusal !== undefined) {
      if (refusal.status === 400) refused(context, book);
      if (refusal.status === 503) late(context);
      return json(refusal.status, { error: refusal.error });
    }
    context.log.add({
      kind: route.kind,
      pocStartHeight: book?.span.stageHeight ?? 0,
      hash: callbackHash(request.body),
      acceptedAtMs: context.nowMs(),
    });
    return { status: 200, body: '' };
  };
}

interface CallbackRoute {
  readonly kind: 'generated' | 'validated';
  /** As it stands in the path; undefined where the path has none. */
  readonly segment: string | undefined;
}

/** Routes on the raw path: the model is one segment however often it is encoded, and two segments are another path. */
function routeOf(path: string, hasModelSegment: boolean): CallbackRoute | undefined {
  const [raw = ''] = path.split('?', 1);
  const pattern = hasModelSegment
    ? /^\/v2\/poc-batches\/([^/]*)\/(generated|validated)$/
    : /^\/v2\/poc-batches()\/(generated|validated)$/;
  const [, segment, kind] = pattern.exec(raw) ?? [];
  if (kind !== 'generated' && kind !== 'validated') return undefined;
  return { kind, segment: hasModelSegment ? segment : undefined };
}

function take(
  context: CallbackServerV2Context,
  request: WorldRequest,
  { kind, segment }: CallbackRoute,
  book: PocBook | undefined,
): Refusal | undefined {
  const callback = decodeCallback(request, kind);
  if (typeof callback === 'string') return { status: 400, error: callback };
  const model = segment === undefined ? undefined : modelOf(segment);
  if (model === '') return { status: 400, error: 'model_id required' };
  if (model === null) return { status: 400, error: 'invalid model_id' };
  const phase = kind === 'generated' ? 'generate' : 'validate';
  if (book === undefined) return { status: 503, error: `not in PoC ${phase} phase` };
  return callback.kind === 'generated'
    ? takeGenerated(context, callback, book)
    : takeValidated(context, callback, book);
}

function takeGenerated(
  context: CallbackServerV2Context,
  callback: GeneratedArtifacts,
  book: PocBook,
): Refusal | undefined {
  if (callback.block_height !== book.span.stageHeight)
    return { status: 400, error: 'block_height is not the active PoC stage' };
  const node = context.registry.byNodeNum(callback.node_id);
  if (node === undefined) return { status: 400, error: 'unknown node_num' };
  for (const { vector_b64: vector } of callback.artifacts) {
    if (vector === '') return { status: 400, error: 'empty artifact vector' };
    if (!isBase64(vector)) return { status: 400, error: 'invalid base64 in artifact vector' };
  }
  const pairs = callback.artifacts.map(({ nonce, vector_b64: vector }) => [nonce, vector] as const);
  book.nonces.take(node.config.id, pairs, context.nowMs());
  const nodeCount = context.registry.nodeCount();
  book.outOfClass += pairs.filter(([nonce]) => nonce % nodeCount !== node.nodeNum % nodeCount).length;
  return undefined;
}

function takeValidated(
  context: CallbackServerV2Context,
  callback: ValidatedArtifacts,
  book: PocBook,
): Refusal | undefined {
  if (!/^([0-9a-f]{2})+$/i.test(callback.public_key)) return { status: 400, error: 'invalid public_key' };
  if (callback.block_height !== book.span.stageHeight)
    return { status: 500, error: `tx error: ${callback.block_height} is not the current PoC stage` };
  const publicKey = callback.public_key.toLowerCase();
  if (!context.isParticipant(publicKey)) return { status: 500, error: 'tx error: participant not found' };
  book.takeValidated(publicKey, callback.fraud_detected);
  return undefined;
}

/** Unescaped by the router and once more by the handler; null when that cannot be done. */
function modelOf(segment: string): string | null {
  try {
    return decodeURIComponent(decodeURIComponent(segment));
  } catch {
    return null;
  }
}

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);

function refused(context: CallbackServerV2Context, book: PocBook | undefined): void {
  const concerned = book ?? context.latestBook();
  if (concerned !== undefined) concerned.refused += 1;
}

function late(context: CallbackServerV2Context): void {
  const book = context.latestBook();
  if (book !== undefined) book.late += 1;
}
