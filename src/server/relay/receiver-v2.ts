import type { ReverseRequest, ReverseResponse } from '../../adapters/ssh/interface.ts';
import { toFault } from '../../errors.ts';
import type { PocV2JobKey } from '../../machines/poc-v2-context.ts';
import type { Outbox, OutboxEntry } from '../../runtime/outbox.ts';
import type { BlockHeight, UnixMs } from '../../units.ts';
import { type AskedV2, isPathV2, judgeV2 } from './guard-v2.ts';
import type { RelayEvent } from './relay-event.ts';

/** What the relay knows of PoC v2. */
export interface ReceiverV2Options {
  /** Read anew for each callback, from memory. */
  askedOf(leaseId: string): AskedV2;
  /** The last height at which the Network Node takes a callback of that kind, of the stage with that height. */
  windowEndOf(blockHeight: number, kind: OutboxEntry['kind']): BlockHeight;
  /** Of the chain as last seen; null when it was not. */
  height(): BlockHeight | null;
  /** A verdict is durably on its way. */
  onVerdict(job: PocV2JobKey): void;
}

interface Place {
  readonly outbox: Pick<Outbox, 'put'>;
  now(): UnixMs;
  onQueued(url: string): void;
  onEvent(event: RelayEvent): void;
}

const taken: ReverseResponse = { status: 200, body: '' };
const foreign: ReverseResponse = { status: 400, body: '' };
/** The sender keeps what was not taken, and drops it only after ten tries. */
const keepIt: ReverseResponse = { status: 503, body: '' };

/**
 * Takes a callback of PoC v2, bytes untouched: one machine serves it, under the number that the Network Node gave.
 * Undefined when the path is none of PoC v2. 200 means durably queued (invariant I9).
 */
export function receiveV2(
  options: ReceiverV2Options,
  place: Place,
  leaseId: string,
  request: ReverseRequest,
): ReverseResponse | undefined {
  const asked = options.askedOf(leaseId);
  if (!isPathV2(request.path, asked)) return undefined;
  const judged = judgeV2({ ...request, text: request.body.toString('utf8') }, asked);
  if (!judged.ok) {
    place.onEvent({ type: 'foreign', leaseId, reason: judged.reason, code: 'CALLBACK_FOREIGN' });
    return foreign;
  }
  const { kind, nonceCount } = judged;
  const windowEndHeight = options.windowEndOf(judged.blockHeight, kind);
  // As the Network Node itself answers: a machine generates until it is told to stop, some blocks later.
  if ((options.height() ?? 0) > windowEndHeight) return keepIt;
  let entry: OutboxEntry;
  try {
    entry = place.outbox.put({
      leaseId,
      kind,
      url: judged.origin + request.path,
      body: request.body,
      receivedAt: place.now(),
      windowEndHeight,
      nonceCount,
    });
  } catch (error) {
    place.onEvent({ type: 'notStored', leaseId, code: toFault(error).code });
    return keepIt;
  }
  place.onEvent({ type: 'queued', leaseId, id: entry.id, kind, nonceCount });
  if (judged.job !== null) options.onVerdict(judged.job);
  place.onQueued(entry.url);
  return taken;
}
