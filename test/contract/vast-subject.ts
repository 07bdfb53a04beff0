import { createHttpVast, createSimulatedVast, type Vast } from '../../src/adapters/vast/index.ts';
import { createOfetchTransport } from '../../src/adapters/ofetch-transport.ts';
import { createWorldTransport } from '../../src/adapters/world-transport.ts';
import type { Transport } from '../../src/adapters/transport.ts';
import { Secret } from '../../src/secret.ts';
import { ScaledClock } from '../../src/sandbox/scaled-clock.ts';
import { serveVast } from '../../src/sandbox/vast.ts';
import { VastWorld, type VastWorldOptions } from '../../src/world/vast/vast-world.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { RecordingHost } from '../world/vast/recording-host.ts';
import { goodOffers } from '../world/vast/market-case.ts';

export const accountKey = 'account-key-0123456789';

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** Vast.ai in one of its forms: as the daemon's adapter sees it, and as raw HTTP. */
export interface Subject {
  readonly vast: Vast;
  /** The same API with another account key. */
  readonly withKey: (key: string) => Vast;
  /** One unpaced request, as a stranger's script would send it. Key '' = none. */
  readonly raw: (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    key?: string,
  ) => Promise<RawAnswer>;
  readonly fault: (name: string, value: number) => Promise<void>;
  readonly books: () => Promise<Record<string, unknown>>;
  readonly host: RecordingHost;
  /** World milliseconds. */
  readonly now: () => number;
  /** Lets time pass, where it does not pass by itself, until `promise` is settled. */
  readonly run: <T>(promise: Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export interface SubjectOptions {
  readonly market?: VastWorldOptions['market'];
  /** World seconds in a real one, where time passes by itself. Default 500. */
  readonly speed?: number;
}
export type OpenSubject = (options?: SubjectOptions) => Promise<Subject>;

/** Only switched faults, an image of 1 GB. */
const calm = { seed: 11, accidents: 0, imageGb: 1 };

export const openWorld: OpenSubject = async ({ market = { offers: goodOffers(8) } } = {}) => {
  const clock = new VirtualClock(1_800_000_000_000);
  const host = new RecordingHost();
  const world = new VastWorld({ ...calm, clock, host, market, apiKey: accountKey });
  const vastWith = (key: string): Vast =>
    createSimulatedVast({ world, apiKey: new Secret(key), clock, timers: clock, random: () => 0 });
  return {
    vast: vastWith(accountKey),
    withKey: vastWith,
    raw: rawOver(createWorldTransport({ neighbour: world, clock }), 'http://vast'),
    fault: async (name, value) => world.faults.set(name, value),
    books: async () => world.books(),
    host,
    now: clock.now,
    run: (promise) => runOn(clock, promise),
    close: async () => world.close(),
  };
};

export const openSandbox: OpenSubject = async ({ market = { offers: goodOffers(8) }, speed = 500 } = {}) => {
  const host = new RecordingHost();
  const scale = { originMs: Date.now(), speed };
  const served = await serveVast({ ...calm, ...scale, host, market, port: 0, apiKey: accountKey });
  const baseUrl = `http://127.0.0.1:${served.port}`;
  const transport = createOfetchTransport();
  const clock = new ScaledClock(scale);
  const raw = rawOver(transport, baseUrl);
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      clock.setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  const vastWith = (key: string): Vast =>
    createHttpVast({
      baseUrl,
      apiKey: new Secret(key),
      transport,
      clock: { now: clock.now, sleep },
      random: () => 0,
    });
  return {
    vast: vastWith(accountKey),
    withKey: vastWith,
    raw,
    fault: async (name, value) => {
      await raw('POST', '/sandbox/faults', { name, value });
    },
    books: async () => JSON.parse((await raw('GET', '/sandbox/books')).body) as Record<string, unknown>,
    host,
    now: clock.now,
    run: (promise) => promise,
    close: () => served.close(),
  };
};

function rawOver(transport: Transport, baseUrl: string): Subject['raw'] {
  return (method, path, body, key = accountKey) =>
    transport({
      method,
      url: baseUrl + path,
      headers: {
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      timeoutMs: 60_000,
      signal: new AbortController().signal,
    });
}

async function runOn<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const mark = (): void => {
    settled = true;
  };
  promise.then(mark, mark);
  for (let step = 0; step < 40_000; step += 1) {
    await clock.advanceBy(settled ? 0 : 500);
    if (settled) return promise;
  }
  throw new Error('nothing came of it in 20 000 world seconds');
}
