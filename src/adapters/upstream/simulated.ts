import { HybridError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import type { WorldClock } from '../../world/clock.ts';
import type { WorldOutcome } from '../../world/exchange.ts';
import type { UpstreamWorld } from '../../world/upstream/upstream.ts';
import { createWorldTransport, rawPath } from '../world-transport.ts';
import {
  type CompletionCall,
  type CompletionHead,
  completionLimits,
  type CompletionWire,
} from './completion-wire.ts';
import { createWiredUpstream } from './http.ts';
import type { Upstream } from './interface.ts';

export interface SimulatedUpstreamOptions {
  readonly world: Pick<UpstreamWorld, 'handle'>;
  readonly key: Secret;
  /** Times the limits. */
  readonly clock: Pick<WorldClock, 'now' | 'setTimeout' | 'clearTimeout'>;
  readonly name?: string;
}

/** The inference API of the simulation: the same parsing over the world's own handler. */
export function createSimulatedUpstream(options: SimulatedUpstreamOptions): Upstream {
  const { world, key, clock, name } = options;
  return createWiredUpstream({
    name: name ?? 'upstream',
    baseUrl: 'http://upstream.world',
    key,
    transport: createWorldTransport({ neighbour: world, clock }),
    wire: worldWire(world, clock),
    now: clock.now,
  });
}

function worldWire(
  world: Pick<UpstreamWorld, 'handle'>,
  clock: SimulatedUpstreamOptions['clock'],
): CompletionWire {
  return async (call) => {
    const hangUp = new AbortController();
    const within = limiter(call, clock, hangUp);
    const { url, headers, body } = call;
    const request = { method: 'POST', path: rawPath(url), headers, body, signal: hangUp.signal };
    const outcome = await within(world.handle(request), completionLimits.headersTimeoutMs);
    if (outcome === 'drop')
      throw new HybridError({ code: 'UPSTREAM_BROKEN', message: `POST ${url}: dropped` });
    if (outcome === 'hang')
      return within(new Promise<CompletionHead>(() => {}), completionLimits.headersTimeoutMs);
    return { status: outcome.status, headers: outcome.headers ?? {}, body: pieces(outcome, within, hangUp) };
  };
}

type Within = <T>(work: Promise<T>, limitMs: number) => Promise<T>;

/** Waits no longer than the limit and the caller's signal; either of them hangs up on the world. */
function limiter(
  call: CompletionCall,
  clock: SimulatedUpstreamOptions['clock'],
  hangUp: AbortController,
): Within {
  return (work, limitMs) =>
    new Promise((resolve, reject) => {
      const give = (code: 'ABORTED' | 'UPSTREAM_TIMEOUT' | 'UPSTREAM_BROKEN'): void => {
        finish();
        reject(new HybridError({ code, message: `POST ${call.url}: no answer` }));
        hangUp.abort();
      };
      const abandon = (): void => give('ABORTED');
      const limit = clock.setTimeout(() => give('UPSTREAM_TIMEOUT'), limitMs);
      const finish = (): void => {
        clock.clearTimeout(limit);
        call.signal.removeEventListener('abort', abandon);
      };
      call.signal.addEventListener('abort', abandon);
      if (call.signal.aborted) abandon();
      void settle();
      async function settle(): Promise<void> {
        try {
          resolve(await work);
          finish();
        } catch {
          give('UPSTREAM_BROKEN');
        }
      }
    });
}

async function* pieces(
  outcome: Exclude<WorldOutcome, string>,
  within: Within,
  hangUp: AbortController,
): AsyncGenerator<Buffer> {
  if (typeof outcome.body === 'string') {
    yield Buffer.from(outcome.body);
    return;
  }
  const iterator = outcome.body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await within(iterator.next(), completionLimits.gapTimeoutMs);
      if (next.done) return;
      yield Buffer.from(next.value);
    }
  } finally {
    hangUp.abort();
    await iterator.return?.();
  }
}
