import type { Clock } from '../../runtime/clock.ts';

/** True once a condition has held without interruption for longer than a limit. */
export function stopwatch(clock: Clock): {
  readonly isRunning: boolean;
  exceeds(holds: boolean, limitMs: number): boolean;
} {
  let since: number | undefined;
  return {
    get isRunning() {
      return since !== undefined;
    },
    exceeds: (holds, limitMs) => {
      if (!holds) since = undefined;
      else since ??= clock.now();
      return since !== undefined && clock.now() - since > limitMs;
    },
  };
}
