import type { EpochContext } from '../../machines/epoch-context.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { Alert } from '../../machines/writes.ts';
import type { RowView, Runtime } from '../../runtime/interface.ts';
import type { MetaTable } from '../../runtime/store.ts';
import type { BlockCount, Milliseconds, UnixMs } from '../../units.ts';
import type { ChainFollower } from '../chain/chain-follower.ts';
import type { LifeLine } from '../machine/life-line.ts';

export interface PocWatchOptions {
  readonly rows: Pick<Runtime, 'rows' | 'onStep'>;
  readonly follower: Pick<ChainFollower, 'head'>;
  readonly lifeLine: Pick<LifeLine, 'renewedAt'>;
  readonly meta: MetaTable;
  /** ALERT_POC_BLOCKS. */
  readonly pocBlocks: BlockCount;
  readonly leaseTtlMs: Milliseconds;
  /** Of this process. */
  readonly startedAt: UnixMs;
}

/** Finished PoCs looked at for the newest that was due. */
const finishedLooked = 20;
/** A chain that ran confirmation PoC so long ago counts as running it. */
const confirmationMs = 7 * 86_400_000;
const confirmationKey = 'alerts.confirmation_seen_at';
/** Of the time to live: three renewals in a row have failed. */
const pulseShare = 0.35;

/** What is wrong with PoC and its machines at this moment, beyond what their charts say themselves. */
export function createPocWatch(options: PocWatchOptions): (now: UnixMs) => readonly Alert[] {
  const { rows, follower } = options;
  let missed: readonly Alert[] | undefined;
  rows.onStep((entry) => {
    if (entry.chart === 'epoch') missed = undefined;
  });
  const sightings = confirmationSightings(options.meta);

  return (now) => {
    const head = follower.head();
    missed ??= missedPoc(rows.rows({ chart: 'epoch', all: true, limit: finishedLooked }));
    const open = rows.rows({ chart: 'epoch' });
    const leases = rows.rows({ chart: 'lease' });
    return [
      ...missed,
      ...leases.flatMap((lease) => silentMachine(lease, now, options)),
      ...(head === undefined ? [] : open.flatMap((row) => endangered(row, head.height, options.pocBlocks))),
      ...sprint(open, sightings(head?.isConfirmationPocActive ?? false, now)),
    ];
  };
}

/** The outermost state. */
const stateOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? (Object.keys(value)[0] ?? '') : String(value);

function missedPoc(views: readonly RowView[]): readonly Alert[] {
  const over = views
    .filter(({ status }) => status === 'done')
    .map((row) => row.context as EpochContext)
    .filter(({ outcome }) => outcome === 'completed' || outcome === 'missed' || outcome === 'failed')
    .toSorted((a, b) => b.plan.epochIndex - a.plan.epochIndex);
  const [newest] = over;
  if (newest === undefined || newest.outcome === 'completed') return [];
  const { plan, outcome, fault } = newest;
  const why = fault === null ? 'no accepted work' : fault.message;
  return [
    {
      key: `poc-missed:${plan.epochIndex}`,
      code: 'POC_MISSED',
      message: `PoC ${plan.epochIndex} ended as ${outcome}: ${why}`,
    },
  ];
}

const unready = new Set(['approaching', 'renting', 'booting']);

function endangered(row: RowView, height: number, pocBlocks: number): readonly Alert[] {
  const { plan, crew } = row.context as EpochContext;
  const state = stateOf(row.value);
  const ready = crew.filter(({ isReady }) => isReady).length;
  // A short lead is no danger by itself; half of it without a machine is.
  const blocks = Math.min(pocBlocks, Math.floor((plan.pocStartHeight - plan.rentHeight) / 2));
  const isNear = height >= plan.pocStartHeight - blocks && height <= plan.tooLateHeight;
  if (!unready.has(state) || !isNear || ready >= plan.width) return [];
  return [
    {
      key: `poc-endangered:${plan.epochIndex}`,
      code: 'POC_ENDANGERED',
      message: `PoC ${plan.epochIndex} starts at height ${plan.pocStartHeight}, and ${ready} of ${plan.width} machines are ready (${state})`,
    },
  ];
}

function sprint(epochs: readonly RowView[], wasSeen: boolean): readonly Alert[] {
  const isSprint = epochs.some((row) => (row.context as EpochContext).plan.mode === 'sprint');
  if (!isSprint || !wasSeen) return [];
  return [
    {
      key: 'sprint',
      code: 'SPRINT_UNREWARDED',
      message:
        'the chain runs confirmation PoC, and machines are returned when validation ends (RENTAL_POLICY)',
    },
  ];
}

/** Whether a confirmation PoC was seen in the last days; remembered over restarts. */
function confirmationSightings(meta: MetaTable): (isActive: boolean, now: UnixMs) => boolean {
  let seenAt = Number(meta.get(confirmationKey) ?? Number.NEGATIVE_INFINITY);
  return (isActive, now) => {
    if (isActive && now - seenAt > 3_600_000) {
      seenAt = now;
      meta.set(confirmationKey, String(now));
    }
    return now - seenAt < confirmationMs;
  };
}

const renewed = new Set(['starting', 'qualifying', 'held']);

function silentMachine(
  row: RowView,
  now: UnixMs,
  { lifeLine, leaseTtlMs, startedAt }: PocWatchOptions,
): readonly Alert[] {
  const { leaseId, runningAt, instanceId } = row.context as LeaseContext;
  if (runningAt === null || !renewed.has(stateOf(row.value))) return [];
  const last = Math.max(runningAt, startedAt, lifeLine.renewedAt(leaseId) ?? 0);
  if (now - last < pulseShare * leaseTtlMs) return [];
  return [
    {
      key: `pulse:${leaseId}`,
      code: 'PULSE_FAILING',
      message: `instance ${instanceId} has heard no renewal since ${new Date(last).toISOString()}; it destroys itself at about ${new Date(last + leaseTtlMs).toISOString()}`,
    },
  ];
}
