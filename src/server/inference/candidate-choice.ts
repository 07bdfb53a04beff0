import type { Candidate } from './desk.ts';

/** Where a request goes now, or how long it has to wait. */
export type Choice =
  | { readonly candidate: Candidate; readonly place: number }
  | {
      /** `rate`: only turns are wanting, and waiting helps; `rest`: nobody can be asked. */
      readonly want: 'rate' | 'rest';
      /** Real milliseconds until the first of them may be asked. */
      readonly waitMs: number;
    };

/** The first candidate from `from` on that does not rest and has a turn; its turn is taken. */
export function chooseCandidate(candidates: readonly Candidate[], from: number): Choice {
  let rateMs = Infinity;
  let restMs = Infinity;
  for (let place = from; place < candidates.length; place += 1) {
    const candidate = candidates[place] as Candidate;
    const rest = candidate.backEnd.restMs();
    if (rest > 0) {
      restMs = Math.min(restMs, rest);
      continue;
    }
    const waitMs = candidate.backEnd.takeTurn();
    if (waitMs === 0) return { candidate, place };
    rateMs = Math.min(rateMs, waitMs);
  }
  return rateMs < Infinity ? { want: 'rate', waitMs: rateMs } : { want: 'rest', waitMs: restMs };
}
