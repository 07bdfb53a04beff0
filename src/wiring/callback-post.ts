import type { NetworkNode } from '../adapters/network-node/interface.ts';
import type { ReverseReceiver } from '../adapters/ssh/interface.ts';
import type { EpochContext } from '../machines/epoch-context.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/interface.ts';
import { batchDigest } from '../server/relay/batch-digest.ts';
import { Deliverer } from '../server/relay/deliverer.ts';
import type { Outbox, OutboxEntry } from '../runtime/outbox.ts';
import { createReceiver, type RelayedCalls } from '../server/relay/receiver.ts';
import type { RelayEvent } from '../server/relay/relay-event.ts';
import { type BlockHeight, blockHeight } from '../units.ts';
import type { ChainFollower } from './chain-follower.ts';
import type { Log } from './log.ts';
import type { ServiceDesk } from './service-desk.ts';

/** Stage lengths of PoC v1, used only for a PoC whose epoch row is not there (docs/reference/protocol.md). */
const fallbackBlocks = { generated: 65, validated: 185 } as const;

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
  const receiver = createReceiver({
    outbox,
    onEvent,
    now: () => clock.now(),
    onQueued: () => deliverer.wake(),
    askedOf: (leaseId) => asked(desk, leaseId),
    windowEndOf: (_leaseId, kind) => windowEnd(rows, desk, kind),
  });
  return { receiver, deliverer, foreignCount: () => foreign };
}

/** What the running calls asked of that machine; null when nothing runs on it. */
function asked(desk: ServiceDesk, leaseId: string): RelayedCalls | null {
  const { pow, postedBatches } = desk.context();
  if (pow === null || pow.leaseId !== leaseId) return null;
  return {
    init: {
      blockHash: pow.blockHash,
      blockHeight: pow.blockHeight,
      publicKey: pow.publicKey,
      nodeId: pow.nodeId,
      nodeCount: pow.nodeCount,
    },
    basePath: pow.callbackPath,
    origin: pow.callbackOrigin,
    networkNodeId: pow.nodeId,
    isProbeAllowed: false,
    isPosted: (batch) => postedBatches.includes(batchDigest(batch)),
  };
}

function windowEnd(rows: Runtime, desk: ServiceDesk, kind: OutboxEntry['kind']): BlockHeight {
  const pocStartHeight = desk.context().pow?.blockHeight ?? 0;
  const planIn = (views: ReturnType<Runtime['rows']>): EpochContext['plan'] | undefined =>
    views
      .map((row) => (row.context as EpochContext).plan)
      .find((plan) => plan.pocStartHeight === pocStartHeight);
  // Open rows are in memory; one that is finished has to be read from the store.
  const epoch =
    planIn(rows.rows({ chart: 'epoch' })) ?? planIn(rows.rows({ chart: 'epoch', all: true, limit: 20 }));
  if (epoch === undefined) return blockHeight(pocStartHeight + fallbackBlocks[kind]);
  return kind === 'generated' ? epoch.exchangeEndHeight : epoch.validationEndHeight;
}
