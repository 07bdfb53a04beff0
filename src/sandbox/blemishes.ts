import type { Figures } from './figures.ts';

/** What may be expected of a run. */
export interface Bounds {
  /** Factor on the provider's own mishaps. Above 0 a PoC may need several machines, so rentals and their time are not judged. */
  readonly accidents: number;
  /** World seconds in a real one: real delays of this computer weigh so much in world time. */
  readonly speed: number;
  /** World seconds before `poc_start` at which renting begins. */
  readonly leadSeconds: number;
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
  expect(
    figures.noncesAccepted === figures.noncesSent,
    `${figures.noncesSent} nonces sent, ${figures.noncesAccepted} accepted`,
  );
  expect(
    figures.validationsDelivered >= figures.validationsDue,
    `${figures.validationsDue} validations due, ${figures.validationsDelivered} delivered`,
  );
  expect(figures.callbacksLost === 0, `${figures.callbacksLost} callbacks lost`);
  expect(figures.leakedInstances === 0, `${figures.leakedInstances} instances leaked`);
  expect(inference.requests > 0, 'no inference was asked for');
  expect(inference.failed === 0, `${inference.failed} inference requests failed`);
  return bounds.accidents > 0 ? faults : [...faults, ...extravagances(figures, bounds)];
}

/** What was rented or paid for and not needed, in a market where nothing goes wrong: one machine a PoC suffices. */
function extravagances(figures: Figures, { speed, leadSeconds }: Bounds): string[] {
  const { leases, leasesAhead, paidBeforePocSeconds, paidAfterHoldSeconds } = figures;
  const pocs = Math.max(figures.epochs, figures.completed + figures.missed);
  const beforeMax = leases * leadSeconds;
  const afterMax = leases * (returnSecondsMax + realReturnSecondsMax * speed);
  const faults: string[] = [];
  if (leases - leasesAhead > pocs) faults.push(`${leases - leasesAhead} machines rented for ${pocs} epochs`);
  if (paidBeforePocSeconds > beforeMax)
    faults.push(`${paidBeforePocSeconds} GPU seconds paid before PoC, ${beforeMax} at most`);
  if (paidAfterHoldSeconds > afterMax)
    faults.push(`${paidAfterHoldSeconds} GPU seconds paid after PoC, ${afterMax} at most`);
  return faults;
}
