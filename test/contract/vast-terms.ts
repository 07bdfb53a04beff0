import { HybridError } from '../../src/errors.ts';
import { verdict, type Instance, type OfferNeeds, type Vast } from '../../src/adapters/vast/index.ts';
import { gigabytes, megabytes, microUsdPerHourOfDollars } from '../../src/units.ts';

export const { signal } = new AbortController();
export const needs: OfferNeeds = {
  gpuRamMbMin: megabytes(24_000),
  gpuTotalRamMbMin: megabytes(24_000),
  diskGb: gigabytes(80),
  priceMax: microUsdPerHourOfDollars(0.6),
  reliabilityMin: 0.97,
  inetDownMbpsMin: 500,
  durationSecondsMin: 86_400,
};
export const order = (offerId: number, label = `ghm:d1:lease${offerId}:1`) => ({
  offerId,
  label,
  image: 'ghcr.io/org/mlnode:1.2.3',
  diskGb: gigabytes(80),
  onstart: 'start-server &',
  env: { MODEL: 'm' },
});
/** Code and class of the HybridError that a call ends with. */
export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof HybridError ? `${error.code} ${error.class}` : error),
  );
/** Lists until `holds`; the adapter's own pacing makes the time pass. */
export async function listUntil(
  vast: Vast,
  holds: (instances: readonly Instance[]) => boolean,
): Promise<readonly Instance[]> {
  for (let tries = 0; tries < 3_000; tries += 1) {
    const { instances } = await vast.list(signal);
    if (holds(instances)) return instances;
  }
  throw new Error('it never held');
}
/** Every boot has ended, one way or the other. */
export const settled = (instances: readonly Instance[]): boolean =>
  instances.length > 0 && instances.every((instance) => verdict(instance).kind !== 'pending');
