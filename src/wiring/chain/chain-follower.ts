import type { Chain, ChainHead } from '../../adapters/chain/interface.ts';
import type { Config } from '../../config/config.ts';
import type { ChainClockContext, ChainClockInput } from '../../machines/chain-clock.ts';
import type { EpochContext } from '../../machines/epoch-context.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import { type EpochPlan, isSamePlan } from '../../policy/epoch-plan.ts';
import type { Effects, Runtime } from '../../runtime/interface.ts';
import { milliseconds, type Milliseconds } from '../../units.ts';
import type { NetworkKnowledge } from './network-knowledge.ts';
import type { Planner } from '../renting/planner.ts';
import { chainClockRow, epochRow } from '../row-names.ts';

/** Without a new height for this long the chain counts as stale: some twenty blocks. */
const staleAfterMs = milliseconds(110_000);
/** Until the first head was seen. */
const syncingPauseMs = milliseconds(5_000);

export const createChainClockEffects = (chain: Chain): Effects => ({
  readHead: ({ signal }) => chain.head(signal),
});

export const chainClockInput = (config: Config): ChainClockInput => ({
  pauseMs: syncingPauseMs,
  staleAfterMs: milliseconds(Math.max(staleAfterMs, 2 * config.rental.checkIntervalMs)),
  haltAfterMs: config.chainHaltLimitMs,
});

export interface ChainFollowerOptions {
  readonly config: Config;
  /** Durable rows: epochs. */
  readonly rows: Runtime;
  /** Rows in memory: the chain clock. */
  readonly clockRows: Runtime;
  readonly planning: {
    readonly planner: Pick<Planner, 'plan'>;
    readonly knowledge: Pick<NetworkKnowledge, 'onHead'>;
  };
}

/** Carries heads from the chain clock to whoever waits for a height, and keeps the row of the next PoC up to date. */
export interface ChainFollower {
  head(): ChainHead | undefined;
  blockTimeMs(): Milliseconds;
  /** Resolves with the newest head, as soon as there is one. */
  whenFollowing(signal: AbortSignal): Promise<ChainHead>;
  /** Called with each new head. Returns the unsubscriber. */
  onHead(listener: (head: ChainHead) => void): () => void;
  /** Plans anew from the newest head, because something else that a plan depends on is known now. */
  replan(): void;
  stop(): void;
}

export function createChainFollower({
  config,
  rows,
  clockRows,
  planning,
}: ChainFollowerOptions): ChainFollower {
  const waiting = new Set<(head: ChainHead) => void>();
  const listeners = new Set<(head: ChainHead) => void>();
  let seenHeight = -1;
  let pauseMs = syncingPauseMs;
  const clock = (): ChainClockContext | undefined =>
    clockRows.row(chainClockRow)?.context as ChainClockContext | undefined;
  const follower: ChainFollower = {
    head: () => (clock()?.head ?? undefined) as ChainHead | undefined,
    blockTimeMs: () => clock()?.blockTimeMs ?? milliseconds(5_350),
    whenFollowing: (signal) =>
      new Promise((resolve, reject) => {
        const head = follower.head();
        if (head !== undefined) return resolve(head);
        const abandon = (): void => {
          waiting.delete(resolve);
          reject(signal.reason as Error);
        };
        waiting.add(resolve);
        signal.addEventListener('abort', abandon, { once: true });
      }),
    onHead: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    replan: () => {
      const head = follower.head();
      if (head !== undefined) keepPlan(head);
    },
    stop: () => unsubscribe.forEach((leave) => leave()),
  };

  const onHead = (): void => {
    const head = follower.head();
    if (head === undefined || head.height === seenHeight) return;
    seenHeight = head.height;
    for (const tell of waiting) tell(head);
    waiting.clear();
    for (const listener of listeners) listener(head);
    planning.knowledge.onHead(head, isNear());
    keepPlan(head);
    releaseStray(rows);
    rows.heightReached(head.height);
    setPace();
  };
  const keepPlan = (head: ChainHead): void => {
    const next = planning.planner.plan(head, follower.blockTimeMs());
    if (next !== undefined) keepEpochRow(rows, next);
  };
  const isNear = (): boolean => rows.rows({ chart: 'epoch' }).some((row) => row.value !== 'idle');

  /** Heads cross no planned height while every PoC is far: then the check interval is enough. */
  const setPace = (): void => {
    if (follower.head() === undefined) return;
    const wanted = isNear() ? follower.blockTimeMs() : config.rental.checkIntervalMs;
    // A block time that drifts by a few percent is no reason to look again at once.
    if (Math.abs(wanted - pauseMs) / pauseMs < 0.1) return;
    pauseMs = wanted;
    clockRows.send(chainClockRow, { type: 'CLOCK.PACE_SET', pauseMs });
  };

  const unsubscribe = [
    clockRows.onStep((entry) => {
      if (entry.rowId === chainClockRow) onHead();
    }),
    rows.onStep((entry) => {
      if (entry.chart === 'epoch') setPace();
    }),
  ];
  return follower;
}

function keepEpochRow(rows: Runtime, next: EpochPlan): void {
  const id = epochRow(next.epochIndex);
  const row = rows.row(id);
  if (row === undefined) {
    // A host that rents nothing has no PoC to prepare; a row would stand in the way when it begins to.
    if (next.mode !== 'off') rows.open('epoch', id, { plan: next });
    return;
  }
  // Skipped is skipped: while renting is far, what keeps the node out of the PoC may still pass.
  const isReplannable =
    row.status === 'active' && (row.value === 'approaching' || (row.value === 'idle' && next.mode !== 'off'));
  if (isReplannable && !isSamePlan((row.context as EpochContext).plan, next)) {
    rows.send(id, { type: 'PLAN.CHANGED', plan: next });
  }
}

/** A machine whose PoC is over, or whose row could not be read, belongs to nobody: it goes back. */
function releaseStray(rows: Runtime): void {
  for (const lease of rows.rows({ chart: 'lease' })) {
    const { owner, isReleaseAsked } = lease.context as LeaseContext;
    if (isReleaseAsked || /^(releasing|confirmingGone)/.test(stateName(lease.value))) continue;
    if (rows.row(owner)?.status === 'active') continue;
    rows.send(lease.id, { type: 'LEASE.RELEASE_ASKED', reason: `${owner} is over` });
  }
}

const stateName = (value: unknown): string =>
  typeof value === 'string' ? value : (Object.keys(value ?? {})[0] ?? '');
