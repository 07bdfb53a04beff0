import type { BootLimits, LeaseInput } from '../../src/machines/lease-context.ts';
import type { EpochPlan } from '../../src/policy/epoch-plan.ts';
import {
  blockHeight,
  microUsd,
  microUsdPerHour,
  milliseconds,
  unixMs,
  type BlockHeight,
} from '../../src/units.ts';

/** The work of a lease, by the names of its chart. */
export const leaseActors = [
  'createInstance',
  'lookUpLabel',
  'awaitRunning',
  'openTunnel',
  'awaitMlnode',
  'loadModel',
  'qualifyMachine',
  'watchMachine',
  'destroyInstance',
  'confirmAbsence',
] as const;

export const bootLimits: BootLimits = {
  loadMs: milliseconds(1_800_000),
  connectMs: milliseconds(300_000),
  authGraceMs: milliseconds(120_000),
  startMs: milliseconds(240_000),
};

/** A lease as `chooseOffer` would open it: two GPUs at one dollar an hour. */
export function leaseInput(leaseId: string, owner: string, openedAt: number): LeaseInput {
  return {
    leaseId,
    label: `ghm:test:${leaseId}:1`,
    owner,
    offer: {
      offerId: 7,
      machineId: 70,
      gpuName: 'H100 SXM',
      gpuCount: 2,
      price: microUsdPerHour(1_000_000),
      gpuPrice: microUsdPerHour(900_000),
      diskPrice: microUsdPerHour(100_000),
      trafficUsd: 0.01,
    },
    callbackPort: 23_456,
    ttlMs: milliseconds(7_200_000),
    reserved: microUsd(3_000_000),
    openedAt: unixMs(openedAt),
    limits: bootLimits,
  };
}

const blockTimeMs = milliseconds(5_000);

/** The plan of PoC 7, which starts at height 1000; `shift` moves everything by so many blocks. */
export function samplePlan(mode: EpochPlan['mode'], shift = 0): EpochPlan {
  const at = (height: number): BlockHeight => blockHeight(height + shift);
  return {
    epochIndex: 7,
    mode,
    reason: 'the test said so',
    width: 1,
    crewMax: 1,
    approachHeight: at(900),
    rentHeight: at(950),
    launchHeights: [at(950)],
    hedgeMs: milliseconds(300_000),
    readyChance: 0.99,
    missChance: 0.001,
    pocStartHeight: at(1_000),
    tooLateHeight: at(1_055),
    generationEndHeight: at(1_060),
    exchangeEndHeight: at(1_065),
    validationEndHeight: at(1_185),
    holdUntilHeight: at(mode === 'epoch' ? 1_600 : 1_185),
    blockTimeMs,
    haltLimitMs: milliseconds(1_800_000),
  };
}
