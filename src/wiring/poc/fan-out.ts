import type { MlnodeAnswer } from '../../adapters/mlnode/interface.ts';
import { type Fault, toFault } from '../../errors.ts';

/** What a machine made of a call: its answer, of whatever status, or the fault that left no answer. */
export type Outcome =
  | { readonly leaseId: string; readonly answer: MlnodeAnswer }
  | { readonly leaseId: string; readonly fault: Fault };

export const isTaken = (outcome: Outcome): boolean =>
  'answer' in outcome && outcome.answer.status >= 200 && outcome.answer.status <= 299;

/**
 * Makes one call to each of these machines at once (there are sixteen at most): generation is short, nobody waits for
 * another. `onOutcome` hears of each in the order in which they come. Resolves with the first that was taken, while
 * the others go on; with undefined when none was. Never rejects.
 */
export async function fanOut<Machine extends { readonly leaseId: string }>(
  machines: readonly Machine[],
  call: (machine: Machine) => Promise<MlnodeAnswer>,
  onOutcome: (outcome: Outcome) => void,
): Promise<MlnodeAnswer | undefined> {
  const calls = machines.map(async (machine): Promise<MlnodeAnswer> => {
    const outcome = await outcomeOf(machine, call);
    onOutcome(outcome);
    if (!isTaken(outcome) || !('answer' in outcome)) throw new Error('not taken');
    return outcome.answer;
  });
  return Promise.any(calls).catch(() => undefined);
}

async function outcomeOf<Machine extends { readonly leaseId: string }>(
  machine: Machine,
  call: (machine: Machine) => Promise<MlnodeAnswer>,
): Promise<Outcome> {
  const { leaseId } = machine;
  try {
    return { leaseId, answer: await call(machine) };
  } catch (error) {
    return { leaseId, fault: toFault(error) };
  }
}
