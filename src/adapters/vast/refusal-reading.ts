import { HybridError } from '../../errors.ts';
import type { VastAnswer } from './vast-line.ts';

/**
 * "Who are you" in all its forms: 401, 403, and a 404 that must not be read as "gone" (a bad key, or a session that
 * is too old). Source: docs/reference/vast.md "General error shape".
 */
export function isKeyRefusal(answer: VastAnswer): boolean {
  if (answer.text.includes('auth_error') || /session.*expired|expired.*session/.test(answer.text))
    return true;
  return answer.status === 401 || (answer.status === 403 && answer.value !== undefined);
}

/** Throws VAST_KEY_REFUSED, VAST_UNREACHABLE (5xx, an error page) or VAST_BAD_ANSWER for everything but JSON with 200. */
export function demandOk(answer: VastAnswer): void {
  if (isKeyRefusal(answer)) throw new HybridError({ code: 'VAST_KEY_REFUSED', message: answer.summary });
  if (answer.status >= 500 || (answer.status === 403 && answer.value === undefined)) {
    throw new HybridError({ code: 'VAST_UNREACHABLE', message: answer.summary });
  }
  if (answer.status !== 200 || answer.value === undefined || answer.success === false) {
    throw new HybridError({ code: 'VAST_BAD_ANSWER', message: answer.summary });
  }
}

/** For calls that can be repeated harmlessly: a broken wire is VAST_UNREACHABLE, an abort of the caller ABORTED. */
export async function reachable<T>(signal: AbortSignal, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof HybridError) || !error.code.startsWith('WIRE_')) throw error;
    const code = signal.aborted ? 'ABORTED' : 'VAST_UNREACHABLE';
    throw new HybridError({ code, message: error.message }, { cause: error });
  }
}
