import { HybridError } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';

/** Vast.ai grants a list every few seconds (docs/reference/vast.md "Rate limits"). */
const pauseMs = 5_000;
const triesMax = 4;

/** A question that is repeated while the neighbour asks for longer pauses (429). */
export async function askedAgain<Answer>(
  ask: () => Promise<Answer>,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      const isThrottled = error instanceof HybridError && error.code === 'VAST_RATE_LIMITED';
      if (!isThrottled || tries === triesMax) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
}
