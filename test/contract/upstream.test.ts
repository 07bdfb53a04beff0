import { afterEach, describe, expect, test } from 'vitest';
import { createHttpUpstream } from '../../src/adapters/upstream/http.ts';
import type { Upstream, UpstreamAnswer } from '../../src/adapters/upstream/interface.ts';
import { createSimulatedUpstream } from '../../src/adapters/upstream/simulated.ts';
import { createOfetchTransport } from '../../src/adapters/ofetch-transport.ts';
import { serveUpstream } from '../../src/sandbox/upstream.ts';
import { ScaledClock } from '../../src/sandbox/scaled-clock.ts';
import { Secret } from '../../src/secret.ts';
import { Random } from '../../src/world/random.ts';
import { UpstreamWorld } from '../../src/world/upstream/upstream.ts';
import { apiKey, chat, events } from '../world/upstream/upstream-case.ts';

interface Subject {
  readonly upstream: Upstream;
  readonly fault: (name: string, value: number) => Promise<void>;
  readonly books: () => Promise<Record<string, unknown>>;
  readonly close: () => Promise<void>;
}

const speed = 1000;

const subjects: Record<string, (key?: string) => Promise<Subject>> = {
  'in the world': async (key = apiKey) => {
    const clock = new ScaledClock({ originMs: Date.now(), speed });
    const world = new UpstreamWorld({ clock, random: new Random(1), apiKey });
    return {
      upstream: createSimulatedUpstream({ world, key: new Secret(key), clock }),
      fault: async (name, value) => world.faults.set(name, value),
      books: async () => world.books(),
      close: async () => world.close(),
    };
  },
  'over HTTP': async (key = apiKey) => {
    const served = await serveUpstream({ port: 0, speed, originMs: Date.now(), seed: 1, apiKey });
    const origin = `http://127.0.0.1:${served.port}`;
    const upstream = createHttpUpstream({
      name: 'sandbox',
      baseUrl: `${origin}/v1/`,
      key: new Secret(key),
      transport: createOfetchTransport(),
    });
    return {
      upstream,
      fault: async (name, value) => {
        await fetch(`${origin}/sandbox/faults`, { method: 'POST', body: JSON.stringify({ name, value }) });
      },
      books: async () => (await (await fetch(`${origin}/sandbox/books`)).json()) as Record<string, unknown>,
      close: async () => {
        await upstream.close();
        await served.close();
      },
    };
  },
};

describe.each(Object.entries(subjects))('the inference API %s', (_, open) => {
  let subject: Subject | undefined;
  const { signal } = new AbortController();
  const complete = (upstream: Upstream, body: object, caller = signal): Promise<UpstreamAnswer> =>
    upstream.complete({ path: '/chat/completions', body: JSON.stringify(body), signal: caller });
  afterEach(async () => {
    await subject?.close();
  });

  test('lists models with context and prices', async () => {
    const { upstream } = (subject = await open());
    const models = await upstream.models(signal);
    expect(models.find(({ id }) => id === chat.model)).toEqual({
      id: chat.model,
      contextLength: 131_072,
      inputUsdPerMillion: 0.4,
      outputUsdPerMillion: 0.4,
    });
  });

  test('answers plainly and as a stream', async () => {
    const { upstream, books } = (subject = await open());
    const plain = await complete(upstream, chat);
    expect(plain).toMatchObject({ status: 200, retryAfterSeconds: null });
    expect(plain.contentType).toContain('application/json');
    expect(JSON.parse(await text(plain))).toMatchObject({ object: 'chat.completion' });

    const streamed = await complete(upstream, { ...chat, stream: true });
    expect(streamed.contentType).toContain('text/event-stream');
    expect(events(await text(streamed)).at(-1)).toBe('[DONE]');
    expect(await books()).toMatchObject({ requests: 2, plain: 1, streamed: 1, failed: 0 });
  });

  test('hands on refusals as answers, with the pause that they ask for', async () => {
    const { upstream, fault } = (subject = await open());
    const missing = await complete(upstream, { ...chat, model: 'Qwen/QwQ-32B' });
    expect(missing.status).toBe(404);
    expect(await text(missing)).toBe('');
    await fault('rateLimited', 1);
    const limited = await complete(upstream, chat);
    expect(limited).toMatchObject({ status: 429, retryAfterSeconds: 1 });
    expect(await text(limited)).toContain('Rate limit');
  });

  test('names a refused key, and never shows it', async () => {
    const { upstream } = (subject = await open('wrong-canary'));
    const error: unknown = await upstream.models(signal).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'UPSTREAM_KEY_REFUSED', class: 'operator' });
    expect(JSON.stringify(error) + String(error)).not.toContain('canary');
    const answer = await complete(upstream, chat);
    expect(answer.status).toBe(401);
    expect(await text(answer)).not.toContain('canary');
  });

  test('cancels upstream when the reader leaves the stream', async () => {
    const { upstream, fault, books } = (subject = await open());
    await fault('stallMidStream', 1);
    const answer = await complete(upstream, { ...chat, stream: true });
    for await (const _piece of answer.body) break;
    await expect.poll(async () => (await books())['abortedByClient']).toBe(1);
  });

  test('ends with the caller, before the head and within the body', async () => {
    const { upstream, fault } = (subject = await open());
    await fault('hang', 1);
    await expect(complete(upstream, chat, AbortSignal.timeout(50))).rejects.toMatchObject({
      code: 'ABORTED',
    });
    await fault('stallMidStream', 1);
    const caller = new AbortController();
    const answer = await complete(upstream, { ...chat, stream: true }, caller.signal);
    const whole = text(answer);
    setTimeout(() => caller.abort(), 50);
    await expect(whole).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test('is broken or unreachable when its connections drop', async () => {
    const { upstream, fault } = (subject = await open());
    await fault('down', 1);
    await expect(upstream.models(signal)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    await expect(complete(upstream, chat)).rejects.toMatchObject({
      code: 'UPSTREAM_BROKEN',
      class: 'retryable',
    });
  });
});

async function text(answer: UpstreamAnswer): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
