import type { WorldClock, WorldTimer } from '../clock.ts';
import type { Outbound } from '../exchange.ts';
import type { CallbackEntry } from './mlnode-books.ts';

/** World milliseconds before the second attempt, the third … (docs/reference/protocol.md "PoC v2 callbacks"). */
const pausesMs = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000];
/** Of one attempt, real milliseconds. */
const attemptTimeoutMs = 10_000;

export interface LadderOptions {
  readonly clock: WorldClock;
  readonly post: Outbound;
  /** Everything unsent is discarded when it aborts. */
  readonly signal: AbortSignal;
  readonly isStalled: () => boolean;
}

/**
 * Posts one payload as vLLM does: ten attempts with growing pauses, then it is dropped. Success is a status under
 * 400. Resolves with whether it was taken.
 */
export async function climb(
  options: LadderOptions,
  payload: { readonly url: string; readonly body: string; readonly entry: CallbackEntry },
): Promise<boolean> {
  const { clock, signal, isStalled } = options;
  for (const pauseMs of [...pausesMs, undefined]) {
    if (signal.aborted) return false;
    if (!isStalled() && (await isTaken(options, payload))) return true;
    if (pauseMs === undefined || !(await paused(clock, pauseMs, signal))) return false;
  }
  return false;
}

async function isTaken(
  { clock, post, signal }: LadderOptions,
  { url, body, entry }: Parameters<typeof climb>[1],
): Promise<boolean> {
  entry.postedAt ??= clock.now();
  entry.posts += 1;
  try {
    const headers = {
      'content-type': 'application/json',
      accept: '*/*',
      'user-agent': 'Python/3.12 aiohttp/3.12',
    };
    const { status } = await post({
      method: 'POST',
      url,
      headers,
      body,
      signal,
      timeoutMs: attemptTimeoutMs,
    });
    entry.answered = status;
    if (status >= 200 && status < 300) entry.ackedAt ??= clock.now();
    return status < 400;
  } catch {
    return false;
  }
}

/** False when the signal came first. */
function paused(clock: WorldClock, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const finish = (isWhole: boolean): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', abandon);
      resolve(isWhole);
    };
    const abandon = (): void => finish(false);
    const timer: WorldTimer = clock.setTimeout(() => finish(true), ms);
    signal.addEventListener('abort', abandon);
  });
}
