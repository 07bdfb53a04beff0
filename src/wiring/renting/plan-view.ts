import type { ChainHead } from '../../adapters/chain/interface.ts';
import type { Config } from '../../config/config.ts';
import type { EpochContext } from '../../machines/epoch-context.ts';
import { forgottenTrust, trustOf } from '../../policy/machine-memory.ts';
import {
  type WidenableNeeds,
  wideningBegins,
  wideningMax,
  wideningSentence,
} from '../../policy/needs-widening.ts';
import { chanceOfEvent } from '../../policy/rental-mode.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { PlanningBooks } from '../../server/inspection/hosts-route.ts';
import type { Daemon } from '../daemon.ts';
import { epochRow } from '../row-names.ts';

export interface PlanViewOptions {
  readonly config: Config;
  readonly daemon: Pick<Daemon, 'rows' | 'follower' | 'planning'>;
  readonly clock: Clock;
}

/** Machine memory and the next plan, with the arithmetic behind them, for the inspection API. */
export function createPlanView(options: PlanViewOptions): PlanningBooks {
  const { daemon, clock } = options;
  return {
    hosts: () => hosts(daemon.planning, clock),
    forgive: (machineId) => daemon.planning.memory.forgive(machineId),
    plan: () => {
      const head = daemon.follower.head();
      return head === undefined ? null : planOf(options, head);
    },
  };
}

function hosts({ memory }: Daemon['planning'], clock: Clock): ReturnType<PlanningBooks['hosts']> {
  const now = clock.now();
  return [...trustOf(memory.distrusts(), now)]
    .filter(([, trust]) => trust < forgottenTrust)
    .toSorted(([, a], [, b]) => a - b)
    .map(([machineId, trust]) => {
      const own = memory.all.filter((rental) => rental.machineId === machineId);
      return {
        machineId,
        trust: Number(trust.toFixed(3)),
        reasons: own.flatMap(({ distrust, fault, endedAt, isForgiven }) =>
          distrust === null || isForgiven ? [] : [{ reason: distrust, fault, at: endedAt ?? now }],
        ),
        rentals: own.length,
        ready: own.filter(({ readyAt }) => readyAt !== null).length,
      };
    });
}

function planOf({ config, daemon }: PlanViewOptions, head: ChainHead): Readonly<Record<string, unknown>> {
  const { planning, follower } = daemon;
  const blockTimeMs = follower.blockTimeMs();
  const row = daemon.rows.row(epochRow(head.next.epochIndex));
  const kept = row?.status === 'active' ? (row.context as EpochContext).plan : undefined;
  const plan = kept ?? planning.planner.plan(head, blockTimeMs);
  const choice = planning.planner.choice();
  const schedule = planning.planner.schedule(head, blockTimeMs);
  const { gpuUsdPerHour, inetDownMbps } = planning.planner.usualMachine();
  const hours = (blocks: number): number => (blocks * blockTimeMs) / 3_600_000;
  const { pocStartHeight, pocValidationEndHeight, nextPocStartHeight } = head.next;
  const launchUsd = schedule.expectedUsd - config.rental.pocUsd * schedule.missChance;
  const sprintHours = hours(pocValidationEndHeight - pocStartHeight);
  const epochHours = hours(nextPocStartHeight - pocStartHeight);
  const confirmations = choice.expectedPerEpoch;
  const meets = (heldHours: number): number | null =>
    confirmations === null ? null : rounded(1 - chanceOfEvent(confirmations, 1 - heldHours / epochHours));
  return {
    epochIndex: head.next.epochIndex,
    height: head.height,
    blockTimeMs: Math.round(blockTimeMs),
    policy: config.rental.policy,
    mode: plan?.mode ?? choice.mode,
    reason: plan?.reason ?? choice.reason,
    warning: choice.warning,
    state: row === undefined ? null : row.value,
    width: plan?.width ?? null,
    crewMax: plan?.crewMax ?? null,
    steps:
      plan === undefined || plan.mode === 'off'
        ? []
        : stepsOf(plan, head, blockTimeMs, planning.planner.machineNeeds()),
    readyChance: rounded(schedule.readyChance),
    missChance: rounded(schedule.missChance),
    expectedLaunches: rounded(schedule.expectedLaunches),
    expectedWaitSeconds: Math.round(schedule.expectedWaitSeconds),
    usualMachine: { usdPerHour: rounded(gpuUsdPerHour), inetDownMbps: Math.round(inetDownMbps) },
    pocUsd: config.rental.pocUsd,
    confirmationsPerEpoch: confirmations,
    policies: {
      sprint: {
        expectedUsd: rounded(launchUsd + sprintHours * gpuUsdPerHour),
        hours: rounded(sprintHours),
        chanceToMeetEveryConfirmation: meets(sprintHours),
      },
      epoch: {
        expectedUsd: rounded(launchUsd + epochHours * gpuUsdPerHour),
        hours: rounded(epochHours),
        chanceToMeetEveryConfirmation: meets(epochHours),
      },
    },
  };
}

function stepsOf(
  plan: EpochContext['plan'],
  head: ChainHead,
  blockTimeMs: number,
  needs: WidenableNeeds,
): readonly { what: string; height: number; blocksLeft: number; aboutSeconds: number }[] {
  const [, ...further] = plan.launchHeights;
  const steps: readonly (readonly [string, number])[] = [
    ['heads are followed block by block', plan.approachHeight],
    ['a machine is rented, unless one that is held can stay', plan.rentHeight],
    ...further.map((height): readonly [string, number] => [
      plan.width === 1 ? 'another one, if none is ready' : `more, if fewer than ${plan.width} are ready`,
      height,
    ]),
    ...wideningSteps(plan, needs),
    ['PoC starts', plan.pocStartHeight],
    ['too late for a machine', plan.tooLateHeight],
    ['generation ends', plan.generationEndHeight],
    ['validation ends', plan.validationEndHeight],
    [
      plan.mode === 'epoch'
        ? 'the machine is handed over to the next PoC, or returned'
        : 'the machine is returned',
      plan.holdUntilHeight,
    ],
  ];
  return steps
    .toSorted(([, a], [, b]) => a - b)
    .map(([what, height]) => ({
      what,
      height,
      blocksLeft: height - head.height,
      aboutSeconds: Math.round(((height - head.height) * blockTimeMs) / 1_000),
    }));
}

/** From which height on a machine is taken that is less than what the operator asks for, if there is no other. */
function wideningSteps(
  plan: EpochContext['plan'],
  needs: WidenableNeeds,
): readonly (readonly [string, number])[] {
  return Array.from({ length: wideningMax }, (_, index) => index + 1).flatMap((level) => {
    const sentence = wideningSentence(needs, level);
    const leadBlocks = plan.pocStartHeight - plan.rentHeight;
    const height = Math.ceil(plan.pocStartHeight - leadBlocks * wideningBegins(level));
    return sentence === null ? [] : [[`if there is no other offer, ${sentence} will do`, height] as const];
  });
}

const rounded = (value: number): number => Number(value.toFixed(4));
