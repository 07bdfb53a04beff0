import type { UnixMs } from '../units.ts';

/** Why a machine is not trusted. Our own faults (image, key, credit) are none of these: they never block a machine. */
export type DistrustReason =
  | 'never_booted'
  | 'too_slow'
  | 'broken_gpu'
  | 'ssh'
  | 'mlnode'
  | 'lost'
  | 'lied'
  | 'refused';

/** One bad experience with one machine. */
export interface Distrust {
  readonly machineId: number;
  readonly reason: DistrustReason;
  readonly at: UnixMs;
}

const dayMs = 86_400_000;

/** How likely the next rental fails for the same reason, right after it did, and how long until half of that is forgotten. */
const reasons: Readonly<Record<DistrustReason, { readonly weight: number; readonly halfLifeMs: number }>> = {
  never_booted: { weight: 0.8, halfLifeMs: 2 * dayMs },
  too_slow: { weight: 0.4, halfLifeMs: dayMs },
  broken_gpu: { weight: 0.95, halfLifeMs: 7 * dayMs },
  ssh: { weight: 0.8, halfLifeMs: 3 * dayMs },
  mlnode: { weight: 0.6, halfLifeMs: 2 * dayMs },
  lost: { weight: 0.5, halfLifeMs: 3 * dayMs },
  lied: { weight: 0.95, halfLifeMs: 14 * dayMs },
  refused: { weight: 0.3, halfLifeMs: dayMs / 4 },
};

/**
 * The reason class of a lease's fault (codes of docs/reference/errors.md); null = no fault of the machine's. A machine
 * that was ready before is lost, whatever its end is called.
 */
export function distrustReason(code: string, wasReady: boolean): DistrustReason | null {
  const reason = byCode[code] ?? null;
  return wasReady && reason !== null && reason !== 'lied' ? 'lost' : reason;
}

const byCode: Readonly<Record<string, DistrustReason>> = {
  MACHINE_NEVER_BOOTED: 'never_booted',
  VAST_INSTANCE_FAILED: 'never_booted',
  VAST_CREATE_REFUSED: 'refused',
  MACHINE_NO_GPU: 'broken_gpu',
  MACHINE_GPU_TOO_SMALL: 'lied',
  MACHINE_CUDA_UNFIT: 'lied',
  MACHINE_CLOCK_WRONG: 'lied',
  VAST_OVER_PRICE: 'lied',
  SSH_HOST_KEY_CHANGED: 'lied',
  SSH_UNREACHABLE: 'ssh',
  SSH_AUTH_REFUSED: 'ssh',
  SSH_LOST: 'ssh',
  SSH_EXEC_FAILED: 'ssh',
  MLNODE_UNREACHABLE: 'mlnode',
  MLNODE_BAD_ANSWER: 'mlnode',
  MLNODE_REFUSED: 'mlnode',
  MODEL_DOWNLOAD_FAILED: 'too_slow',
  MODEL_START_SLOW: 'too_slow',
};

/** Factor on P(ready) of each machine that disappointed before, by its id; a machine that is absent is trusted fully. */
export function trustOf(experiences: readonly Distrust[], now: UnixMs): ReadonlyMap<number, number> {
  const trust = new Map<number, number>();
  for (const { machineId, reason, at } of experiences) {
    const { weight, halfLifeMs } = reasons[reason];
    const left = weight * 2 ** (-Math.max(0, now - at) / halfLifeMs);
    trust.set(machineId, (trust.get(machineId) ?? 1) * (1 - left));
  }
  return trust;
}

/** Below this a machine is not worth a line in a list. */
export const forgottenTrust = 0.99;
