import { signal } from '@preact/signals';

const tokenKey = 'inspection-token';
/** Of one question, milliseconds. */
const timeoutMs = 15_000;

/** INSPECTION_TOKEN as the reader gave it: for this tab alone, never in an address. */
export const token = signal<string | null>(sessionStorage.getItem(tokenKey));

export function keepToken(given: string | null): void {
  if (given === null) sessionStorage.removeItem(tokenKey);
  else sessionStorage.setItem(tokenKey, given);
  token.value = given;
}

/** The daemon answered, and not with what was asked for. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the daemon answered ${status}`);
    this.status = status;
  }
}

export const authorization = (): Record<string, string> =>
  token.value === null ? {} : { authorization: `Bearer ${token.value}` };

/** Asks the daemon for JSON. Throws Refused, or what `fetch` throws when nobody is there. */
export const ask = async <Answer>(path: string): Promise<Answer> =>
  (await (await answerTo(path)).json()) as Answer;

/** The same for a text. */
export const askText = async (path: string): Promise<string> => (await answerTo(path)).text();

async function answerTo(path: string): Promise<Response> {
  const answer = await fetch(path, {
    headers: authorization(),
    signal: AbortSignal.timeout(timeoutMs),
    cache: 'no-store',
  });
  if (!answer.ok) throw new Refused(answer.status);
  return answer;
}
