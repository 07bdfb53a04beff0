import type { ReverseReceiver, ReverseRequest, ReverseResponse } from '../../adapters/ssh/interface.ts';
import { toFault } from '../../errors.ts';
import type { BlockHeight, UnixMs } from '../../units.ts';
import { type Asked, judge, type PostedBatch } from './guard.ts';
import { spliceMember } from './json-splice.ts';
import type { Outbox, OutboxEntry } from '../../runtime/outbox.ts';
import { receiveV2, type ReceiverV2Options } from './receiver-v2.ts';
import type { RelayEvent } from './relay-event.ts';

/** What the relay knows of a lease beside what its machine was asked for. */
export interface RelayedCalls extends Asked {
  /** Where its callbacks go, `http://api:9100`: the `origin` of `callbackTarget`. */
  readonly origin: string;
  /** The number that the Network Node gave this node; stands in every delivered callback (invariant I9). */
  readonly networkNodeId: number;
}

export interface ReceiverOptions {
  readonly outbox: Pick<Outbox, 'put'>;
  /** Null when nothing runs on that lease. Read anew for each callback, from memory. */
  askedOf(leaseId: string): RelayedCalls | null;
  /** The last height at which the Network Node takes a callback of this kind. */
  windowEndOf(leaseId: string, kind: OutboxEntry['kind']): BlockHeight;
  now(): UnixMs;
  /** Called with what a queued verdict is about. */
  onVerdict?(batch: PostedBatch): void;
  /** Called after a put has committed: `deliverer.queued`. */
  onQueued(url: string): void;
  onEvent(event: RelayEvent): void;
  /** What runs of PoC v2. @default nothing ever does */
  readonly pocV2?: ReceiverV2Options;
  /** @default 32 MiB */
  readonly bodyBytesMax?: number;
}

const taken: ReverseResponse = { status: 200, body: '' };
const foreign: ReverseResponse = { status: 400, body: '' };
/** The ML node's sender keeps what was not taken and posts it again 5 s later. */
const keepIt: ReverseResponse = { status: 503, body: '' };

/**
 * Takes what machines post through their reverse tunnels. 200 means durably queued (invariant I9); it is answered at
 * once, whatever the Network Node does, because the sender on the machine has no limit of its own.
 */
export function createReceiver(options: ReceiverOptions): (leaseId: string) => ReverseReceiver {
  return (leaseId) => async (request) => receive(options, leaseId, request);
}

function receive(options: ReceiverOptions, leaseId: string, request: ReverseRequest): ReverseResponse {
  if (request.body.length > (options.bodyBytesMax ?? 32 * 1024 * 1024)) {
    options.onEvent({ type: 'foreign', leaseId, reason: 'too_large', code: 'CALLBACK_FOREIGN' });
    return foreign;
  }
  const ofV2 = options.pocV2 && receiveV2(options.pocV2, options, leaseId, request);
  if (ofV2 !== undefined) return ofV2;
  const asked = options.askedOf(leaseId);
  const judgement = judge({ ...request, text: request.body.toString('utf8') }, asked);
  if (!judgement.ok || !asked) {
    const reason = judgement.ok ? 'nothing_asked' : judgement.reason;
    if (reason === 'probe') options.onEvent({ type: 'probed', leaseId });
    else options.onEvent({ type: 'foreign', leaseId, reason, code: 'CALLBACK_FOREIGN' });
    return foreign;
  }
  const { kind, nonceCount } = judgement;
  let entry: OutboxEntry;
  try {
    entry = options.outbox.put({
      leaseId,
      kind,
      url: asked.origin + request.path,
      body:
        kind === 'generated' ? withNodeId(request.body, judgement.nodeId, asked.networkNodeId) : request.body,
      receivedAt: options.now(),
      windowEndHeight: options.windowEndOf(leaseId, kind),
      nonceCount,
    });
  } catch (error) {
    options.onEvent({ type: 'notStored', leaseId, code: toFault(error).code });
    return keepIt;
  }
  options.onEvent({ type: 'queued', leaseId, id: entry.id, kind, nonceCount });
  if (kind === 'validated') options.onVerdict?.(judgement.batch);
  options.onQueued(entry.url);
  return taken;
}

/** The body as it came, or with the Network Node's own number where the machine worked under another. */
function withNodeId(body: Buffer, nodeId: number, networkNodeId: number): Buffer {
  if (nodeId === networkNodeId) return body;
  return Buffer.from(spliceMember(body.toString('latin1'), 'node_id', String(networkNodeId)), 'latin1');
}
