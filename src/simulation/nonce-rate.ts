import type { ChainFlavour } from '../world/chain/flavour.ts';
import { gpuGroups, validNoncesPerMinute } from '../world/machine/gpu-groups.ts';
import type { MachineSpec } from '../world/vast/machine-host.ts';

/**
 * Of one GPU in PoC v2, the published rate of an H100 (docs/reference/protocol.md "Published throughput"); and what is
 * played of it on any: so few that a PoC costs little, so often that no third of it is without one.
 */
const perMinuteV2 = { published: 312, played: 1.5 };

/**
 * Of the nonces that a machine would find, so many are played; figures count each one for those that are not. PoC v1
 * is played whole: a share of it would be another world, in which a machine that comes late finds nothing, machines
 * disappoint whoever knows the published rates, and confirmation PoCs fail sound ones by chance.
 */
export const noncesPlayedOfOne = (chain: ChainFlavour): number =>
  chain.startsWith('v2') ? perMinuteV2.played / perMinuteV2.published : 1;

/** What machines play of PoC v2. */
export const playedPocV2 = { noncesPerMinutePerGpu: perMinuteV2.played, batchSize: 1 };

/** Valid nonces a minute of each GPU group of this machine in PoC v1. */
export function noncesPerMinuteOf({ gpuName, gpuCount, gpuRamMb }: MachineSpec): number {
  const gpu = { name: gpuName, ramMb: gpuRamMb };
  const [group] = gpuGroups(Array.from({ length: gpuCount }, () => gpu));
  return group === undefined ? 0 : validNoncesPerMinute(group);
}
