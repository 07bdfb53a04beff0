import { gpuGroups, validNoncesPerMinute } from '../world/machine/gpu-groups.ts';
import type { MachineSpec } from '../world/vast/machine-host.ts';

/**
 * Of the nonces that a machine would find at the published rates, one in four is played: hashing is what a simulated
 * PoC costs. Figures count each one four times.
 */
export const noncesPlayedOfOne = 0.25;

/** Valid nonces a minute that each GPU group of this machine is played to find. */
export function playedNoncesPerMinute({ gpuName, gpuCount, gpuRamMb }: MachineSpec): number {
  const gpu = { name: gpuName, ramMb: gpuRamMb };
  const [group] = gpuGroups(Array.from({ length: gpuCount }, () => gpu));
  return group === undefined ? 0 : noncesPlayedOfOne * validNoncesPerMinute(group);
}
