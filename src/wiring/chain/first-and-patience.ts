import { setTimeout as pause } from 'node:timers/promises';
import { HybridError } from '../../errors.ts';

export type Asked<Value> = { readonly value: Value } | { readonly error: unknown };

const patienceMs = 1_500;
/** Why the others are given up: one for all, as an error of its own each time costs more than the questions. */
const answered = new Error('another one has answered');

/**
 * Asks everybody at once. Once one has answered, the others have `patience` left; whoever is later counts as silent
 * (CHAIN_UNREACHABLE) and is given up. Each question has a limit of its own. Throws when the caller gives up (ABORTED).
 */
export async function untilFirstAndPatience<Value>(
  questions: readonly ((signal: AbortSignal) => Promise<Value>)[],
  patience: ((signal: AbortSignal) => Promise<unknown>) | undefined,
  signal: AbortSignal,
): Promise<readonly Asked<Value>[]> {
  const [only] = questions;
  if (questions.length === 1 && only !== undefined) return [await alone(only(signal), signal)];
  const ending = new AbortController();
  const own = ending.signal;
  const abandon = (): void => ending.abort(signal.reason);
  if (signal.aborted) abandon();
  else signal.addEventListener('abort', abandon, { once: true });
  const answers: (Asked<Value> | undefined)[] = questions.map(() => undefined);
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  const wait = patience ?? ((limit: AbortSignal) => pause(patienceMs, undefined, { signal: limit }));
  let isWaiting = false;
  const all = questions.map(async (ask, index) => {
    try {
      answers[index] = { value: await ask(own) };
      if (isWaiting) return;
      isWaiting = true;
      void wait(own).then(
        () => end(),
        () => end(),
      );
    } catch (error) {
      answers[index] ??= { error };
    }
  });
  await Promise.race([Promise.all(all), isOver]);
  const found = answers.map((answer) => answer ?? { error: late() });
  signal.removeEventListener('abort', abandon);
  ending.abort(answered);
  if (signal.aborted) throw new HybridError({ code: 'ABORTED', message: 'abandoned' });
  return found;
}

const late = (): HybridError =>
  new HybridError({ code: 'CHAIN_UNREACHABLE', message: 'slower than the others' });

async function alone<Value>(asked: Promise<Value>, signal: AbortSignal): Promise<Asked<Value>> {
  try {
    return { value: await asked };
  } catch (error) {
    if (signal.aborted) throw error;
    return { error };
  }
}
