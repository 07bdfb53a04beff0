import type { EpochContext } from '../../src/machines/epoch-context.ts';
import type { EpochPlan } from '../../src/policy/epoch-plan.ts';
import type { RowEvent, RowView } from '../../src/runtime/interface.ts';
import { blockHeight, milliseconds } from '../../src/units.ts';
import type { ChartSample, WalkStep } from './chart-walk.ts';
import { samplePlan } from './sample-rows.ts';

const operator = { code: 'VAST_IMAGE_MISSING', class: 'operator', message: 'no such image' };
const terminal = { code: 'VAST_INSTANCE_FAILED', class: 'terminal', message: 'it failed' };
const offerGone = { code: 'VAST_OFFER_GONE', class: 'retryable', message: 'somebody took it' };

const planOf = (mode: EpochPlan['mode'], width: number, launches: readonly number[]): EpochPlan => ({
  ...samplePlan(mode),
  width,
  crewMax: width * launches.length,
  launchHeights: launches.map(blockHeight),
  hedgeMs: milliseconds(90_000),
});
const plans = [
  planOf('sprint', 1, [950]),
  planOf('sprint', 2, [950, 970, 990]),
  planOf('epoch', 1, [950, 980]),
  planOf('epoch', 2, [950, 980]),
];

/** A machine that the test plays: what the row opens for it only stands there. */
const chosen = (serial: number): unknown => ({
  leaseId: `L${serial}`,
  machineId: 70 + serial,
  opening: { chart: 'service', id: `played:L${serial}`, input: {} },
});

/** Everything that may be told to this row now: of each of its machines, and of one that is none of its own. */
function events({ value, context }: RowView): readonly RowEvent[] {
  const { crew, plan } = context as EpochContext;
  const known = [...crew, { leaseId: 'of-nobody', machineId: 1, isReady: false }];
  const wanted = crew.slice(0, 1).map(({ leaseId }) => ({ leaseId, reserved: 9_000_000 }));
  return [
    ...known.flatMap(({ leaseId, machineId }) => {
      const news = { leaseId, machineId, fault: null, reason: null };
      return [
        { type: 'LEASE.READY', ...news },
        { type: 'LEASE.ENDED', ...news, fault: terminal },
        { type: 'LEASE.ENDED', ...news, fault: offerGone },
        { type: 'LEASE.ENDED', ...news, fault: operator },
        { type: 'LEASE.GONE', ...news },
      ];
    }),
    { type: 'PLAN.CHANGED', plan },
    { type: 'PLAN.CHANGED', plan: { ...plan, width: plan.width + 1, crewMax: plan.crewMax + 1 } },
    { type: 'PLAN.CHANGED', plan: { ...plan, mode: 'off' } },
    { type: 'CREW.WANTED', to: 'epoch:8', leases: wanted },
    { type: 'CREW.WANTED', to: 'epoch:8', leases: [{ leaseId: 'of-nobody', reserved: 9_000_000 }] },
    ...(mayHaveAsked(value) ? given : []),
  ];
}

/** The row before answers once it was asked, late perhaps. */
const mayHaveAsked = (value: unknown): boolean =>
  !['planned', 'idle', 'approaching', '{"takingOver":"looking"}'].includes(
    typeof value === 'string' ? value : JSON.stringify(value),
  );
const given: readonly RowEvent[] = [
  { type: 'CREW.GIVEN', members: [] },
  { type: 'CREW.GIVEN', members: [{ leaseId: 'K1', machineId: 41, isReady: true }] },
  { type: 'CREW.GIVEN', members: [{ leaseId: 'K2', machineId: 42, isReady: false }] },
];

const height: WalkStep = { kind: 'height', pick: 1 };
const done: WalkStep = { kind: 'done', run: 0, pick: 0 };
const ready: WalkStep = { kind: 'event', pick: 0 };
const lost: WalkStep = { kind: 'event', pick: 1 };
const heights = (length: number): WalkStep[] => Array.from({ length }, () => height);
const readyInTime = [...heights(2), done, done, ready];
const paths: readonly (readonly WalkStep[])[] = [
  // Nobody says what the row before left, while the heights pass.
  heights(7),
  // The row's first machine is ready in time, and the heights pass.
  [...readyInTime, ...heights(8)],
  // It is lost while PoC runs, in validation, or while it is held.
  [...readyInTime, ...heights(4), lost, done, lost],
  [...readyInTime, ...heights(6), lost, done, ready],
  [...readyInTime, ...heights(7), lost, done],
];

const outcomes = ['completed', 'missed', 'skipped', 'failed'];

export const epochSample: ChartSample = {
  inputs: [...plans, planOf('off', 1, [950])].map((plan) => ({ plan })),
  outputs: {
    findKeptCrew: [
      { from: null, leases: [] },
      { from: 'epoch:6', leases: [{ leaseId: 'K1', reserved: 9_000_000 }] },
    ],
    chooseOffer: [chosen],
    countWork: [
      { noncesDelivered: 5, validationsDelivered: 2, callbacksUndeliverable: 0 },
      { noncesDelivered: 5, validationsDelivered: 0, callbacksUndeliverable: 3 },
    ],
  },
  faults: [['VAST_NO_OFFER'], ['VAST_KEY_REFUSED'], ['CALLBACK_NOT_TAKEN']],
  events,
  heights: [900, 950, 970, 980, 990, 1_000, 1_055, 1_060, 1_185, 1_600],
  paths,
  check: ({ status, context }) => {
    const { crew, outcome, plan } = context as EpochContext;
    if (new Set(crew.map(({ leaseId }) => leaseId)).size < crew.length) return 'it counts a machine twice';
    // What the row before gives comes on top; there is one of each kind of it here.
    const rented = crew.filter(({ leaseId }) => leaseId.startsWith('L'));
    if (rented.length > plan.crewMax) return `it rents ${rented.length} machines at once`;
    if (status !== 'done') return undefined;
    if (crew.length > 0) return 'it settled with machines that are not gone';
    return outcomes.includes(outcome ?? '') ? undefined : 'it settled without an outcome';
  },
};
