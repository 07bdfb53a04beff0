import type { Mlnode } from '../adapters/mlnode/interface.ts';
import type { VirtualClock } from '../runtime/virtual-clock.ts';
import { powStatusLook } from './stirrings.ts';

/** How often the daemon looks at a machine's model while PoC runs. */
const lookPauseMs = 5_000;

/** The moments that had happened when the model was looked at last, one memory for all machines. */
const lastLooks = new WeakMap<VirtualClock, number>();

/**
 * An ML node whose model is looked at again only when something may have become of it: a look whose answer cannot
 * differ from the one before comes back later by whole periods. `onTaken` hears of every work call that it acknowledged.
 */
export function patientMlnode(
  mlnode: Mlnode,
  options: { readonly clock: VirtualClock; readonly isUnhurried: boolean; onTaken(): void },
): Mlnode {
  const { clock, isUnhurried } = options;
  return {
    ...mlnode,
    pow: async (call, body, signal) => {
      const answer = await mlnode.pow(call, body, signal);
      if (answer.status >= 200 && answer.status < 300) options.onTaken();
      return answer;
    },
    pocV2: async (call, body, signal) => {
      const answer = await mlnode.pocV2(call, body, signal);
      if (answer.status >= 200 && answer.status < 300) options.onTaken();
      return answer;
    },
    powStatus: async (signal) => {
      // The looker's own pause is one moment.
      const isNews = clock.figures.rung - (lastLooks.get(clock) ?? -Infinity) > 1;
      if (!isNews && !isUnhurried) await clock.sleep(lookPauseMs, signal, powStatusLook);
      const status = await mlnode.powStatus(signal);
      lastLooks.set(clock, clock.figures.rung);
      return status;
    },
  };
}
