import type { EpochContext } from '../../machines/epoch-context.ts';
import type { EpochPlan } from '../../policy/epoch-plan.ts';
import type { Sample } from '../../metrics/exposition.ts';
import type { RowView } from '../../runtime/interface.ts';
import type { CallbackWindows } from '../../runtime/sqlite-callback-windows.ts';
import type { Daemon } from '../daemon.ts';
import type { RentalFigures } from './rentals.ts';
import { chainClockRow, registrationRow } from '../row-names.ts';

/** One line a state, 1 for the one that is. */
const standing = (states: readonly string[], now: string | undefined): readonly Sample[] =>
  now === undefined ? [] : states.map((state) => ({ labels: { state }, value: Number(state === now) }));

/** One line a state, with how many are in it. */
export const counted = (states: readonly string[], now: readonly string[]): readonly Sample[] =>
  states.map((state) => ({ labels: { state }, value: now.filter((each) => each === state).length }));

/** The outermost state. */
export const stateOf = ({ value }: Pick<RowView, 'value'>): string =>
  typeof value === 'object' && value !== null ? (Object.keys(value)[0] ?? '') : String(value);

const clockStates = ['syncing', 'following', 'stale', 'halted'];
const registrationStates = ['checking', 'registering', 'registered', 'waiting', 'refused'];

/** Chain, registration, PoC and callbacks. `seenSince` is when the newest height was seen first. */
export function pocFigures(
  daemon: Daemon,
  windows: CallbackWindows,
  figures: RentalFigures,
  now: number,
  seenSince: number | null,
) {
  const head = daemon.follower.head();
  const clock = daemon.volatileRows.row(chainClockRow)?.value as { standing?: string } | undefined;
  const registration = daemon.rows.row(registrationRow);
  const { outcomes } = figures;
  const totals = daemon.outbox.totals();
  const nonces = windows.nonces();
  return {
    epochs_total: Object.entries(outcomes).map(([outcome, value]) => ({ labels: { outcome }, value })),
    poc_missed_total: [{ value: outcomes.missed + outcomes.failed }],
    nonces_delivered_total: [{ value: nonces.delivered }],
    nonces_lost_total: [{ value: nonces.refused + nonces.expired }],
    callbacks_queued: [{ value: totals.queued }],
    callbacks_total: (['delivered', 'refused', 'expired'] as const).map((outcome) => ({
      labels: { outcome },
      value: totals[outcome],
    })),
    callbacks_foreign_total: [{ value: daemon.post.foreignCount() }],
    deadline_timestamp_seconds: deadlines(daemon, now),
    confirmation_poc_active: [{ value: head === undefined ? null : Number(head.isConfirmationPocActive) }],
    chain_height: [{ value: head?.height ?? null }],
    chain_head_age_seconds: [{ value: seenSince === null ? null : (now - seenSince) / 1000 }],
    chain_block_time_seconds: [{ value: head === undefined ? null : daemon.follower.blockTimeMs() / 1000 }],
    chain_standing: standing(clockStates, clock?.standing),
    registration_standing: standing(
      registrationStates,
      registration === undefined ? undefined : stateOf(registration),
    ),
  };
}

const events = [
  ['approach', (plan: EpochPlan) => plan.approachHeight],
  ['rent', (plan: EpochPlan) => plan.rentHeight],
  ['poc_start', (plan: EpochPlan) => plan.pocStartHeight],
  ['generation_end', (plan: EpochPlan) => plan.generationEndHeight],
  ['validation_end', (plan: EpochPlan) => plan.validationEndHeight],
  ['release', (plan: EpochPlan) => plan.holdUntilHeight],
] as const;

/** The next height of each sort, by the measured block time. */
function deadlines(daemon: Daemon, now: number): readonly Sample[] {
  const head = daemon.follower.head();
  if (head === undefined) return [];
  const plans = daemon.rows.rows({ chart: 'epoch' }).map((row) => (row.context as EpochContext).plan);
  return events.flatMap(([event, heightOf]) => {
    const ahead = plans.map(heightOf).filter((height) => height > head.height);
    if (ahead.length === 0) return [];
    const blocks = Math.min(...ahead) - head.height;
    return [{ labels: { event }, value: (now + blocks * daemon.follower.blockTimeMs()) / 1000 }];
  });
}
