import type { Random } from '../world/random.ts';

/** Faults of `WorldMachine` that a mishap switches. */
export type MachineMishap = 'directBroken' | 'proxyBroken' | 'gpuBroken';

/**
 * What is wrong with a machine whose container runs (docs/reference/vast.md "Boot and failure parameters"): SSH never
 * works on one path in 8 %, on both in 4 %; the GPU does not work in 4 %. With `hostFailure` a fifth of that
 * probability is the GPU's, as a share of those whose container runs, and nothing else makes a machine unusable.
 */
export function drawMachineMishap(
  random: Random,
  terms: { readonly accidents: number; readonly hostFailure: number | undefined },
): readonly MachineMishap[] {
  const { accidents, hostFailure } = terms;
  const isGpuBroken = random.chance(
    hostFailure === undefined ? 0.04 * accidents : (0.2 * hostFailure) / (1 - 0.8 * hostFailure),
  );
  const gpu: MachineMishap[] = isGpuBroken ? ['gpuBroken'] : [];
  const path = random.next();
  const bothShare = hostFailure === undefined ? 0.04 * accidents : 0;
  if (path < bothShare) return ['directBroken', 'proxyBroken', ...gpu];
  if (path < bothShare + 0.08 * accidents)
    return [random.chance(0.5) ? 'directBroken' : 'proxyBroken', ...gpu];
  return gpu;
}
