import type { NetworkNode } from '../../adapters/network-node/interface.ts';
import type { ReverseReceiver } from '../../adapters/ssh/interface.ts';
import { toFault } from '../../errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Runtime } from '../../runtime/interface.ts';
import { batchDigest } from '../../server/relay/batch-digest.ts';
import { Deliverer } from '../../server/relay/deliverer.ts';
import type { LeaseTotals, Outbox, OutboxEntry } from '../../runtime/outbox.ts';
import type { AskedV2 } from '../../server/relay/guard-v2.ts';
import { createReceiver, type RelayedCalls } from '../../server/relay/receiver.ts';
import type { RelayEvent } from '../../server/relay/relay-event.ts';
import type { BlockHeight } from '../../units.ts';
import { callbackWindowEnd } from './callback-window.ts';
import type { ChainFollower } from '../chain/chain-follower.ts';
import type { Log } from '../log.ts';
import { serviceRow } from '../row-names.ts';
import type { ServiceDesk } from './service-desk.ts';

export interface CallbackPostOptions {
  readonly rows: Runtime;
  readonly outbox: Outbox;
  readonly desk: ServiceDesk;
  readonly clock: Clock;
  readonly log: Log;
  readonly networkNode: NetworkNode;
  readonly follower: Pick<ChainFollower, 'head'>;
}

/** From the machines' reverse tunnels to the Network Node: guard, outbox, delivery. */
export interface CallbackPost {
  receiver(leaseId: string): ReverseReceiver;
  readonly deliverer: Deliverer;
  /** What each machine generated for the running PoC, by lease; empty when none runs. */
  books(): readonly LeaseTotals[];
  /** The same of what they validated. */
  verdicts(): readonly LeaseTotals[];
  /** Callbacks that no running call asked for, since the start. */
  foreignCount(): number;
}

export function createCallbackPost({
  rows,
  outbox,
  desk,
  clock,
  log,
  networkNode,
  follower,
}: CallbackPostOptions): CallbackPost {
  let foreign = 0;
  const onEvent = (event: RelayEvent): void => {
    const { type, ...fields } = event;
    if (type === 'foreign') foreign += 1;
    const isBad = type === 'foreign' || type === 'refused' || type === 'expired' || type === 'notStored';
    log[isBad ? 'warn' : 'debug'](fields, `callback.${type}`);
  };
  const deliverer = new Deliverer({
    outbox,
    networkNode,
    clock,
    onEvent,
    height: () => follower.head()?.height ?? null,
  });
  const powHeight = (): number => desk.context().pow?.blockHeight ?? 0;
  const windowEndOf = (stageHeight: number, kind: OutboxEntry['kind']): BlockHeight =>
    callbackWindowEnd(rows, follower.head(), stageHeight, kind);
  const receiver = createReceiver({
    outbox,
    onEvent,
    now: () => clock.now(),
    onQueued: (url) => deliverer.queued(url),
    askedOf: (leaseId) => asked(desk, leaseId),
    windowEndOf: (_leaseId, kind) => windowEndOf(powHeight(), kind),
    onVerdict: (batch) => noteVerdict(log, () => desk.noteVerdict(batchDigest(batch))),
    pocV2: {
      askedOf: (leaseId) => askedV2(desk, leaseId),
      windowEndOf,
      height: () => follower.head()?.height ?? null,
      onVerdict: (job) => noteVerdict(log, () => void rows.send(serviceRow, { type: 'POC_V2.VERDICT', job })),
    },
  });
  return {
    receiver,
    deliverer,
    foreignCount: () => foreign,
    books: () => outbox.byLease(windowEndOf(powHeight(), 'generated')),
    verdicts: () => outbox.byLease(windowEndOf(powHeight(), 'validated')),
  };
}

/** The verdict itself is safe already: a store that fails here must not make the machine post it again. */
function noteVerdict(log: Log, note: () => void): void {
  try {
    note();
  } catch (error) {
    log.warn({ fault: toFault(error) }, 'callback.verdict_not_noted');
  }
}

/** What the running calls asked of that machine; null when nothing runs on it. */
function asked(desk: ServiceDesk, leaseId: string): RelayedCalls | null {
  const { pow, postedBatches } = desk.context();
  const machine = pow?.machines.find((one) => one.leaseId === leaseId && one.standing !== 'lost');
  if (pow === null || machine === undefined) return null;
  return {
    init: {
      blockHash: pow.blockHash,
      blockHeight: pow.blockHeight,
      publicKey: pow.publicKey,
      nodeId: machine.nodeId,
      nodeCount: machine.nodeCount,
    },
    basePath: pow.callbackPath,
    origin: pow.callbackOrigin,
    networkNodeId: pow.nodeId,
    isProbeAllowed: false,
    isPosted: (batch) => {
      const digest = batchDigest(batch);
      return postedBatches.some((one) => one.digest === digest && one.leaseIds.includes(leaseId));
    },
  };
}

/** What PoC v2 asked of that machine. */
function askedV2(desk: ServiceDesk, leaseId: string): AskedV2 {
  const { pocV2, pocV2Jobs } = desk.context();
  return {
    init: pocV2?.leaseId === leaseId ? pocV2 : null,
    jobs: pocV2Jobs.filter((job) => job.leaseId === leaseId),
  };
}
