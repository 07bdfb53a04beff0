import type { WorldClock } from '../clock.ts';
import { json, type WorldOutcome } from '../exchange.ts';
import type { FaultBoard } from '../neighbour.ts';

/** What switched faults make of a callback before it is read; undefined = it is read, perhaps late. */
export async function faultyCallbackAnswer(
  faults: FaultBoard,
  clock: WorldClock,
): Promise<WorldOutcome | undefined> {
  const delayMs = faults.get('callbackSlow');
  if (delayMs > 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, delayMs));
  if (faults.get('callback500') > 0) return json(500, { error: 'tx error: account sequence mismatch' });
  if (faults.get('callback503') > 0) return json(503, { error: 'Service Unavailable' });
  return undefined;
}

/** Whether a good callback would be taken at this moment. */
export const isTakingCallbacks = (faults: FaultBoard): boolean =>
  !['down', 'callback500', 'callback503', 'restart'].some((name) => faults.get(name) > 0);
