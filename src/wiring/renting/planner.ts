import type { ChainHead } from '../../adapters/chain/interface.ts';
import type { OfferNeeds } from '../../adapters/vast/interface.ts';
import type { Config } from '../../config/config.ts';
import { type BootModel, bootModel, type BootTerms } from '../../policy/boot-model.ts';
import { type EpochPlan, planEpoch } from '../../policy/epoch-plan.ts';
import { chooseSchedule, type LaunchSchedule } from '../../policy/launch-schedule.ts';
import type { WorkNeeds } from '../../policy/model-needs.ts';
import { fleetWidth, type PocVersion } from '../../policy/poc-version.ts';
import { chooseMode, type RentalChoice } from '../../policy/rental-mode.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Milliseconds } from '../../units.ts';
import type { NetworkKnowledge } from '../chain/network-knowledge.ts';
import { machineNeeds, workOf } from './machine-needs.ts';
import type { RentalMemory } from './rental-memory.ts';

/** Grid on which F is tabulated. */
const stepSeconds = 15;
/** Beyond it nothing boots any more; weights take hours. */
const tableSeconds = (modelGb: number): number => (modelGb > 0 ? 6 : 2) * 3_600;
/** A schedule is made anew for each PoC, and after so long when more was learnt. */
const renewMs = 3_600_000;
/** What a machine is like before any was rented. */
const priorOffer = { inetDownMbps: 1_000, reliability: 0.99 };
const priorLaunchUsd = 0.06;
/** Of the image; weights are always fetched: one host in four has it already (docs/reference/vast.md "Boot and failure parameters"). */
const fetchedShare = 0.75;
/** Until a machine that another one beat is gone. */
const launchHours = 0.25;
/** Rentals by which the usual machine is known. */
const usualCount = 15;

export interface PlannerOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly memory: Pick<RentalMemory, 'version' | 'all' | 'boots'>;
  readonly knowledge: Pick<NetworkKnowledge, 'confirmation' | 'node' | 'isSettled' | 'modelVramGb'>;
  /** Which PoC the network uses, as far as known. */
  pocVersion(): PocVersion;
}

export interface UsualMachine {
  readonly inetDownMbps: number;
  readonly reliability: number;
  /** Of one launch that another one beats: traffic, and disk. */
  readonly launchUsd: number;
  readonly gpuUsdPerHour: number;
}

/** Turns what is known into the plan of the next PoC. Asks nobody. */
export interface Planner {
  /** The plan for the PoC after `head`; undefined until it is known whether confirmation PoC runs. */
  plan(head: ChainHead, blockTimeMs: Milliseconds): EpochPlan | undefined;
  /** Why the mode is what it is. */
  choice(): RentalChoice;
  schedule(head: ChainHead, blockTimeMs: Milliseconds): LaunchSchedule;
  /** By which the schedule is reckoned: the machines that were rented last, or the market's usual ones. */
  usualMachine(): UsualMachine;
  boot(): BootModel;
  bootTerms(): BootTerms;
  /** What a machine must have, without the length of the rental. */
  machineNeeds(): Omit<OfferNeeds, 'durationSecondsMin'>;
}

export function createPlanner(options: PlannerOptions): Planner {
  const { config, clock, memory, knowledge } = options;
  let boots: { readonly key: string; readonly model: BootModel } | undefined;
  let made: Made | undefined;

  const work = (): WorkNeeds => workOf(config, options.pocVersion(), knowledge.modelVramGb);
  const bootTerms = (): BootTerms => {
    const { imageGb, weightsGb } = work();
    return { image: config.vast.image, imageGb, modelGb: weightsGb };
  };
  const boot = (): BootModel => {
    const terms = bootTerms();
    const key = `${memory.version} ${terms.modelGb}`;
    if (boots?.key !== key) boots = { key, model: bootModel(terms, memory.boots(), clock.now()) };
    return boots.model;
  };
  const choice = (): RentalChoice => {
    const chosen = chooseMode(config.rental.policy, knowledge.confirmation);
    const { isDisabled, isPreserved } = knowledge.node;
    if (chosen.mode === 'off' || (!isDisabled && !isPreserved)) return chosen;
    const why = isDisabled
      ? 'the node is disabled at the Network Node'
      : 'the node is preserved: it serves inference through this PoC';
    return { ...chosen, mode: 'off', reason: `${why}, so it takes no part in the next PoC` };
  };
  const schedule = (head: ChainHead, blockTimeMs: Milliseconds): LaunchSchedule => {
    const { next, current } = head;
    const seconds = (blocks: number): number => (blocks * blockTimeMs) / 1_000;
    // A block time that drifts by a few percent moves nothing; an epoch that governance has changed does.
    const key = `${stagesKey(head)} ${bootTerms().modelGb} ${choice().mode}`;
    const isFresh = made?.version === memory.version || clock.now() - (made?.at ?? 0) < renewMs;
    if (made?.key === key && isFresh) return made.schedule;
    const usual = usualMachine(memory.all, config, bootTerms());
    const holdSeconds = seconds(next.pocValidationEndHeight - next.pocStartHeight);
    const allowedSeconds = config.rental.maxPocDurationMs / 1_000 - holdSeconds;
    // A limit below the hold itself can be met by no lead: the operator hears of it when renting begins, in good time.
    const longestSeconds = choice().mode === 'sprint' && allowedSeconds > 0 ? allowedSeconds : Infinity;
    const chosen = chooseSchedule({
      readyWithin: boot().table(usual, stepSeconds * 1_000, tableSeconds(bootTerms().modelGb) / stepSeconds),
      stepSeconds,
      launchUsd: usual.launchUsd,
      waitUsdPerHour: usual.gpuUsdPerHour,
      pocUsd: config.rental.pocUsd,
      graceSeconds: seconds(next.pocGenerationWindDownHeight - next.pocStartHeight),
      generationSeconds: seconds(next.pocGenerationEndHeight - next.pocStartHeight),
      launchesMax: 1 + config.rental.hedges,
      ...(config.rental.prepTimeMs === undefined ? {} : { leadSeconds: config.rental.prepTimeMs / 1_000 }),
      leadMaxSeconds: Math.max(
        60,
        Math.min(longestSeconds, seconds(next.pocStartHeight - current.pocValidationEndHeight)),
      ),
    });
    made = { key, schedule: chosen, version: memory.version, at: clock.now() };
    return chosen;
  };

  return {
    choice,
    schedule,
    usualMachine: () => usualMachine(memory.all, config, bootTerms()),
    boot,
    bootTerms,
    machineNeeds: () => machineNeeds(config, work()),
    plan: (head, blockTimeMs) => {
      if (config.rental.policy === 'auto' && !knowledge.isSettled) return undefined;
      const { mode, reason } = choice();
      const launches = schedule(head, blockTimeMs);
      return planEpoch({
        stages: head.next,
        mode,
        reason,
        width: fleetWidth(config.rental.fleetWidth, options.pocVersion()).width,
        launchLeadsMs: launches.leadsSeconds.map((lead) => lead * 1_000),
        readyChance: launches.readyChance,
        missChance: launches.missChance,
        checkIntervalMs: config.rental.checkIntervalMs,
        blockTimeMs,
        haltLimitMs: config.chainHaltLimitMs,
      });
    },
  };
}

interface Made {
  readonly key: string;
  readonly schedule: LaunchSchedule;
  /** Of the memory. */
  readonly version: number;
  readonly at: number;
}

/** The machine that is usually rented: by its line the boot is reckoned before any offer is seen. */
function usualMachine(
  rentals: RentalMemory['all'],
  { vast }: Config,
  { imageGb, modelGb }: BootTerms,
): UsualMachine {
  const trafficShare = (fetchedShare * imageGb + modelGb) / (imageGb + modelGb);
  const last = rentals.slice(-usualCount);
  if (last.length < 3)
    return { ...priorOffer, launchUsd: priorLaunchUsd, gpuUsdPerHour: vast.priceMax / 2e6 };
  const medianOf = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    // No slower than most: the odds of a slow one are in the boot model, and a further launch costs less than to
    // let every machine wait for the case.
    inetDownMbps: Math.max(vast.inetDownMbpsMin, medianOf(last.map((rental) => rental.inetDownMbps))),
    reliability: medianOf(last.map((rental) => rental.reliability)),
    launchUsd: meanOf(
      last.map(({ trafficUsd, diskPrice }) => trafficShare * trafficUsd + (launchHours * diskPrice) / 1e6),
    ),
    gpuUsdPerHour: meanOf(last.map((rental) => rental.gpuPrice / 1e6)),
  };
}

/** Everything of the chain that a schedule is weighed by. */
const stagesKey = ({ current, next }: ChainHead): string =>
  [
    next.epochIndex,
    next.pocStartHeight - current.pocValidationEndHeight,
    next.pocGenerationWindDownHeight - next.pocStartHeight,
    next.pocGenerationEndHeight - next.pocStartHeight,
    next.pocValidationEndHeight - next.pocStartHeight,
  ].join(' ');
