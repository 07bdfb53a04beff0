import type { Chain, ChainHead } from '../adapters/chain/interface.ts';
import type { Config } from '../config/config.ts';
import type { ChainClockContext, ChainClockInput } from '../machines/chain-clock.ts';
import type { EpochContext } from '../machines/epoch-context.ts';
import { type EpochPlan, isSamePlan, planEpoch, type RentalMode } from '../policy/epoch-plan.ts';
import { leadTime } from '../policy/lead-time.ts';
import type { Effects, Runtime } from '../runtime/interface.ts';
import { milliseconds, type Milliseconds } from '../units.ts';
import { chainClockRow, epochRow } from './row-names.ts';

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
}

/** Carries heads from the chain clock to whoever waits for a height, and keeps the row of the next PoC up to date. */
export interface ChainFollower {
  head(): ChainHead | undefined;
  blockTimeMs(): Milliseconds;
  /** Resolves with the newest head, as soon as there is one. */
  whenFollowing(signal: AbortSignal): Promise<ChainHead>;
  stop(): void;
}

export function createChainFollower({ config, rows, clockRows }: ChainFollowerOptions): ChainFollower {
  const waiting = new Set<(head: ChainHead) => void>();
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
    stop: () => unsubscribe.forEach((leave) => leave()),
  };

  const onHead = (): void => {
    const head = follower.head();
    if (head === undefined || head.height === seenHeight) return;
    seenHeight = head.height;
    for (const tell of waiting) tell(head);
    waiting.clear();
    const next = plan(config, head, follower.blockTimeMs());
    // A host that rents nothing has no PoC to prepare; a row would stand in the way when it begins to.
    if (next.mode !== 'off') keepEpochRow(rows, next);
    rows.heightReached(head.height);
    setPace();
  };

  /** Heads cross no planned height while every PoC is far: then the check interval is enough. */
  const setPace = (): void => {
    if (follower.head() === undefined) return;
    const isNear = rows.rows({ chart: 'epoch' }).some((row) => row.value !== 'idle');
    const wanted = isNear ? follower.blockTimeMs() : config.rental.checkIntervalMs;
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
    rows.open('epoch', id, { plan: next });
    return;
  }
  const isReplannable = row.status === 'active' && (row.value === 'idle' || row.value === 'approaching');
  if (isReplannable && !isSamePlan((row.context as EpochContext).plan, next)) {
    rows.send(id, { type: 'PLAN.CHANGED', plan: next });
  }
}

function plan(config: Config, head: ChainHead, blockTimeMs: Milliseconds): EpochPlan {
  return planEpoch({
    stages: head.next,
    mode: rentalMode(config),
    leadMs: leadTime(config.rental.prepTimeMs),
    checkIntervalMs: config.rental.checkIntervalMs,
    blockTimeMs,
    haltLimitMs: config.chainHaltLimitMs,
  });
}

/** Confirmation PoC is not served yet, so `auto` means the sprint; the start says so in plain words. */
const rentalMode = (config: Config): RentalMode =>
  config.rental.policy === 'auto' ? 'sprint' : config.rental.policy;
