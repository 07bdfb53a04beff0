import type { ChainFlavour } from '../world/chain/flavour.ts';
import type { Figures } from './figures.ts';

/** What may be expected of a run. */
export interface Bounds {
  /** Factor on the provider's own mishaps. Above 0 a PoC may need several machines, so rentals and their time are not judged. */
  readonly accidents: number;
  /** World seconds in a real one: real delays of this computer weigh so much in world time. */
  readonly speed: number;
  /** World seconds before `poc_start` at which renting begins. */
  readonly leadSeconds: number;
  /** The chain that was lived on. Default `v1`. */
  readonly flavour?: ChainFlavour;
  /** Machines that share a PoC. Default 1. */
  readonly fleetWidth?: number;
}

/** A destroyed instance is off the list within a minute (docs/reference/vast.md "Numbers for a simulator"). */
const returnSecondsMax = 120;
/** What blocks, polls and requests may take on a busy computer between the end of validation and the destroy, real. */
const realReturnSecondsMax = 2;

/** What is wrong with a run, in words; empty when it is all right. The demo's exit code hangs on it. */
export function blemishes(figures: Figures, bounds: Bounds): string[] {
  const faults: string[] = [];
  const expect = (isFine: boolean, text: string): void => void (isFine || faults.push(text));
  const { epochs, completed, missed, inference } = figures;
  expect(completed >= epochs, `${completed} of ${epochs} epochs completed`);
  expect(missed === 0, `${missed} epochs missed`);
  expect(figures.noncesAccepted > 0, 'no nonces accepted');
  const { flavour = 'v1' } = bounds;
  // In v2 a machine goes on until it is stopped, five blocks after its artifacts were last taken.
  expect(
    figures.pocVersion === 2 || figures.noncesAccepted === figures.noncesSent,
    `${figures.noncesSent} nonces sent, ${figures.noncesAccepted} accepted`,
  );
  expect(flavour.startsWith(`v${figures.pocVersion}`), `PoC v${figures.pocVersion} on a chain of ${flavour}`);
  if (flavour.endsWith('-confirmation')) {
    expect(figures.confirmationsServed >= epochs, `${figures.confirmationsServed} confirmation PoCs served`);
    expect(figures.confirmationsMissed === 0, `${figures.confirmationsMissed} confirmation PoCs missed`);
    expect(figures.epochsUnrewarded === 0, `${figures.epochsUnrewarded} epochs unrewarded`);
  }
  expect(
    figures.validationsDelivered >= figures.validationsDue,
    `${figures.validationsDue} validations due, ${figures.validationsDelivered} delivered`,
  );
  expect(figures.noncesOutOfClass === 0, `${figures.noncesOutOfClass} nonces of another node's class`);
  expect(figures.callbacksLost === 0, `${figures.callbacksLost} callbacks lost`);
  expect(figures.leakedInstances === 0, `${figures.leakedInstances} instances leaked`);
  expect(inference.requests > 0, 'no inference was asked for');
  expect(inference.failed === 0, `${inference.failed} inference requests failed`);
  return bounds.accidents > 0 ? faults : [...faults, ...extravagances(figures, bounds)];
}

/** What was done twice, or rented or paid for and not needed, in a market where nothing goes wrong. */
function extravagances(figures: Figures, bounds: Bounds): string[] {
  const { speed, leadSeconds, fleetWidth = 1, flavour = 'v1' } = bounds;
  const { leases, leasesAhead, paidBeforePocSeconds, paidAfterHoldSeconds } = figures;
  const pocs = Math.max(figures.epochs, figures.completed + figures.missed);
  const beforeMax = leases * leadSeconds;
  const afterMax = leases * (returnSecondsMax + realReturnSecondsMax * speed);
  const faults: string[] = [];
  if (figures.noncesDuplicate > 0) faults.push(`${figures.noncesDuplicate} nonces received more than once`);
  if (figures.noncesAccepted > 0 && figures.machines < fleetWidth)
    faults.push(`${figures.machines} machines worked in a PoC of ${fleetWidth}`);
  // Invariant I4 for a plan without hedges (`POC_HEDGES=0` in a town without accidents): one launch for each place.
  if (leases - leasesAhead > pocs * fleetWidth)
    faults.push(`${leases - leasesAhead} machines rented for ${pocs} epochs`);
  if (paidBeforePocSeconds > beforeMax)
    faults.push(`${paidBeforePocSeconds} GPU seconds paid before PoC, ${beforeMax} at most`);
  // Where confirmation PoCs come, a machine is held until the next epoch.
  if (paidAfterHoldSeconds > afterMax && !flavour.endsWith('-confirmation'))
    faults.push(`${paidAfterHoldSeconds} GPU seconds paid after PoC, ${afterMax} at most`);
  return faults;
}
