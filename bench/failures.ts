import type { Round } from './alternation.ts';
import type { LoadSeen } from './closed-loop.ts';

/** Wrong answers of all windows. */
export function failuresOf(rounds: readonly Round<LoadSeen>[]): {
  readonly gateway: number;
  readonly nginx: number;
} {
  const sum = (samples: readonly LoadSeen[]): number =>
    samples.reduce((total, sample) => total + sample.failed, 0);
  return {
    gateway: sum(rounds.flatMap((round) => round.gateway)),
    nginx: sum(rounds.flatMap((round) => round.nginx)),
  };
}
