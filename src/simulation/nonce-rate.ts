import type { ChainFlavour } from '../world/chain/flavour.ts';
import { gpuGroups, validNoncesPerMinute } from '../world/machine/gpu-groups.ts';
import type { MachineSpec } from '../world/vast/machine-host.ts';

/**
 * Of one GPU in PoC v2, the published rate of an H100 (docs/reference/protocol.md "Published throughput"); and what is
 * played of it on any: so few that a PoC costs little, so often that no third of it is without one.
 */
const perMinuteV2 = { published: 312, played: 1.5 };

/**
 * Of the nonces that a machine would find at the published rates, so many are played: hashing is what a simulated PoC
 * costs. Figures count each one for those that are not. Where confirmation PoCs of v1 hold one number of chance against
 * another, all are played: with fewer, sound machines would fall below the bound by chance alone.
 */
export function noncesPlayedOfOne(chain: ChainFlavour): number {
  if (chain.startsWith('v2')) return perMinuteV2.played / perMinuteV2.published;
  return chain === 'v1-confirmation' ? 1 : 0.25;
}

/** What machines play of PoC v2. */
export const playedPocV2 = { noncesPerMinutePerGpu: perMinuteV2.played, batchSize: 1 };

/** Valid nonces a minute that each GPU group of this machine is played to find in PoC v1. */
export function playedNoncesPerMinute(
  { gpuName, gpuCount, gpuRamMb }: MachineSpec,
  chain: ChainFlavour,
): number {
  const gpu = { name: gpuName, ramMb: gpuRamMb };
  const [group] = gpuGroups(Array.from({ length: gpuCount }, () => gpu));
  return group === undefined ? 0 : noncesPlayedOfOne(chain) * validNoncesPerMinute(group);
}
