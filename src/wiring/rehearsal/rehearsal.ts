import type { Offer } from '../../adapters/vast/interface.ts';
import type { Config } from '../../config/config.ts';
import { HybridError, toFault } from '../../errors.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { PocVersion } from '../../policy/poc-version.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { MicroUsd } from '../../units.ts';
import type { Log } from '../log.ts';
import type { Neighbours } from '../neighbours.ts';
import { rehearsedChoice } from './choice.ts';
import { openRehearsalHouse, type RehearsalHouse } from './house.ts';
import { type RehearsedPoc, type RehearsedPocOptions, rehearsePoc, type RehearsedStep } from './poc.ts';
import { rehearsePocV2 } from './poc-v2.ts';
import { leaseRow } from '../row-names.ts';

export interface RehearsalOptions {
  readonly config: Config;
  readonly deploymentId: string;
  readonly clock: Clock;
  readonly neighbours: Neighbours;
  readonly log: Log;
  /** Called once it is known which PoC is rehearsed. */
  times(version: PocVersion): RehearsalTimes;
  /** Offers within it come first. */
  readonly costMax: MicroUsd;
  /** Of nonces that are counted, milliseconds of the clock. */
  readonly generationMs: number;
  readonly isPocSkipped: boolean;
  /** The machine is left to its own end. */
  readonly isKept: boolean;
  /** Asked once the offer is known; a throw rents nothing. */
  agree(rental: RehearsalTerms): Promise<void>;
  onPhase(phase: RehearsalPhase): void;
  /** Ends the rehearsal; the machine is returned all the same. */
  readonly signal: AbortSignal;
  /** Ends the wait for the proof. */
  readonly giveUp: AbortSignal;
}

export interface RehearsalTimes {
  /** What the rental is reckoned with, milliseconds. */
  readonly estimatedMs: number;
  /** From the create to a qualified machine, milliseconds of the clock. */
  readonly waitMs: number;
}

/** What somebody has to agree to. */
export interface RehearsalTerms {
  readonly offer: Offer;
  readonly worstCase: MicroUsd;
  readonly version: PocVersion;
  readonly estimatedMs: number;
}

/** One part of a rehearsal, with the time since the one before. */
export interface RehearsalPhase {
  readonly name: string;
  readonly seconds: number;
}

export interface RehearsalReport {
  readonly phases: readonly RehearsalPhase[];
  /** Which PoC the machine was wanted for; null = it never came to that. */
  readonly version: PocVersion | null;
  readonly poc: RehearsedPoc | null;
  readonly lease: LeaseContext | null;
  /** By our own meter; null while the machine is not proven gone. */
  readonly cost: MicroUsd | null;
  /** Why it failed; null when all went well. */
  readonly fault: { readonly code: string; readonly message: string } | null;
  readonly end: 'nothing rented' | 'returned' | 'kept' | 'not proven gone';
}

/** What the proof of a machine's end may take, milliseconds of the clock. */
const proofLimitMs = 10 * 60_000;

/**
 * Rents one machine by the daemon's own chart, drives a PoC on it, and returns it whatever happens. Throws what `agree`
 * throws, before anything is rented; every other failure stands in the report.
 */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  const { clock, signal, giveUp } = options;
  const house = openRehearsalHouse(options);
  const stopwatch = createStopwatch(options);
  let leaseId: string | undefined;
  let poc: RehearsedPoc | null = null;
  let version: PocVersion | null = null;
  let fault: RehearsalReport['fault'] = null;
  const unsubscribe = house.rows.onStep((entry) => {
    if (entry.rowId === leaseRow(leaseId ?? '')) stopwatch.entered(entry.value);
  });
  try {
    await returnAll(house, clock, giveUp);
    await house.askNetwork(signal);
    version = house.planning.pocVersion();
    const { estimatedMs, waitMs } = options.times(version);
    const { chosen, offer, reserved } = await rehearsedChoice({ ...options, house, estimatedMs });
    stopwatch.over('offer chosen');
    await options.agree({ offer, worstCase: reserved, version, estimatedMs });
    stopwatch.restart();
    leaseId = chosen.leaseId;
    const { chart, id, input } = chosen.opening;
    house.rows.open(chart, id, input);
    const lease = await untilUsable(house, leaseId, { ...options, waitMs });
    if (!options.isPocSkipped)
      poc = await pocOn(house, lease, options, (step) => stopwatch.over(stepNames[step]));
  } catch (error) {
    if (leaseId === undefined && !(error instanceof HybridError)) {
      await house.stop();
      throw error;
    }
    fault = signal.aborted ? { code: 'ABORTED', message: 'the rehearsal was stopped' } : plainFault(error);
  }
  const isKept = options.isKept && fault === null;
  if (isKept && leaseId !== undefined) await house.lifeLine.renew(leaseId, AbortSignal.timeout(5_000));
  const isGone = isKept || (await returnAll(house, clock, giveUp));
  unsubscribe();
  const row = leaseRow(leaseId ?? '');
  const lease = (house.rows.row(row)?.context ?? null) as LeaseContext | null;
  const cost = house.rows.leases().find(({ rowId }) => rowId === row)?.settled ?? null;
  await house.stop();
  const end = isKept ? 'kept' : !isGone ? 'not proven gone' : lease === null ? 'nothing rented' : 'returned';
  return { phases: stopwatch.phases, version, poc, lease, cost, fault, end };
}

const plainFault = (error: unknown): { code: string; message: string } => {
  const { code, message } = toFault(error);
  return { code, message };
};

/** Times the parts of a rehearsal on its clock. */
function createStopwatch({ clock, onPhase }: Pick<RehearsalOptions, 'clock' | 'onPhase'>) {
  const phases: RehearsalPhase[] = [];
  let last = clock.now();
  const over = (name: string): void => {
    const phase = { name, seconds: Math.round((clock.now() - last) / 100) / 10 };
    last = clock.now();
    phases.push(phase);
    onPhase(phase);
  };
  return {
    phases,
    over,
    /** What a person took to agree is no part of it. */
    restart: () => {
      last = clock.now();
    },
    entered: (value: unknown): void => {
      const name = phaseAfter[valueName(value)];
      if (name !== undefined && phases.at(-1)?.name !== name) over(name);
    },
  };
}

/** The PoC that the machine was made ready for: v2 has a model, v1 none. */
function pocOn(
  house: RehearsalHouse,
  { leaseId, callbackPort, model }: LeaseContext,
  { clock, generationMs, signal }: RehearsalOptions,
  onStep: (step: RehearsedStep) => void,
): Promise<RehearsedPoc> {
  const options: RehearsedPocOptions = {
    mlnode: house.room.mlnode(leaseId),
    callbackPort,
    clock,
    generationMs,
    receive: (receiver) => house.receive(receiver),
    onStep,
    signal,
  };
  return model === null ? rehearsePoc(options) : rehearsePocV2({ ...options, model });
}

/** State that a lease enters → the part that this ends. */
const phaseAfter: Readonly<Record<string, string>> = {
  loading: 'instance created',
  connecting: 'container runs',
  starting: 'SSH tunnel open',
  loadingModel: 'ML node answers',
  qualifying: 'ML node ready',
  held: 'qualified',
  releasing: 'release begun',
  gone: 'returned, proven gone',
};
const stepNames = {
  initialised: 'PoC initialised',
  firstNonce: 'first nonces',
  generated: 'nonces counted',
  validated: 'own batch validated',
  stopped: 'PoC stopped',
} as const;

const valueName = (value: unknown): string =>
  typeof value === 'string' ? value : (Object.keys(value ?? {})[0] ?? '');

/** Resolves when the lease is held. Rejects with what ended it, or when a signal comes first. */
function untilUsable(
  { rows }: RehearsalHouse,
  leaseId: string,
  {
    signal: stop,
    waitMs,
    config,
  }: Pick<RehearsalOptions, 'signal' | 'config'> & Pick<RehearsalTimes, 'waitMs'>,
): Promise<LeaseContext> {
  const limit = AbortSignal.any([stop, AbortSignal.timeout(Math.ceil(waitMs / config.timeScale))]);
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      unsubscribe();
      limit.removeEventListener('abort', abandon);
      act();
    };
    const abandon = (): void =>
      finish(() =>
        reject(
          new HybridError(
            stop.aborted
              ? { code: 'ABORTED', message: 'the rehearsal was stopped' }
              : { code: 'MACHINE_NEVER_BOOTED', message: 'the machine was not ready within --wait-timeout' },
          ),
        ),
      );
    const look = (): void => {
      const row = rows.row(leaseRow(leaseId));
      const context = row?.context as LeaseContext | undefined;
      if (context === undefined) return;
      if (valueName(row?.value) === 'held') finish(() => resolve(context));
      else if (context.fault !== null) {
        const { code, message } = context.fault;
        finish(() => reject(new HybridError({ code, message })));
      }
    };
    const unsubscribe = rows.onStep(look);
    limit.addEventListener('abort', abandon, { once: true });
    if (limit.aborted) abandon();
    else look();
  });
}

/** Asks every machine of this house to end. Resolves with true when all are proven gone. */
async function returnAll({ rows }: RehearsalHouse, clock: Clock, giveUp: AbortSignal): Promise<boolean> {
  const open = () => rows.rows({ chart: 'lease' });
  for (const row of open())
    rows.send(row.id, { type: 'LEASE.RELEASE_ASKED', reason: 'the rehearsal is over' });
  const until = clock.now() + proofLimitMs;
  while (open().length > 0 && clock.now() < until && !giveUp.aborted) {
    await clock.sleep(1_000, giveUp).catch(() => undefined);
  }
  return open().length === 0;
}
