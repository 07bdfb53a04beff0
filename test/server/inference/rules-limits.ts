import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, vi } from 'vitest';
import { createOpenAiUpstream } from '../../../src/adapters/upstream/index.ts';
import { settle } from '../../../src/runtime/virtual-clock.ts';
import { gatewayLimits } from '../../../src/server/gateway.ts';
import { Secret } from '../../../src/secret.ts';
import { inferenceCase, linesOf, model, plain, spoken, streamed, withUsage } from './inference-case.ts';
import type { Rule } from './rule.ts';
import { done, piece, says, stallsAfter, tells, usage, whole } from './scripted-api.ts';

/** Limits of waiting, for a machine that has other work to do. */
const patience = { timeout: 10_000 };

/** How long, how much and how many. */
export const limitRules: readonly Rule[] = [
  {
    id: 'HYP-H8',
    rule: 'keep-alive comments reset the idle limit and are not passed on',
    check: async () => {
      const { api, ask } = await inferenceCase({ settings: { UPSTREAM_GAP_TIMEOUT: '1.2' } });
      api.scripts = [
        (response, call, request) => {
          stallsAfter('head', ': ping\n\n')(response, call, request);
          let pings = 0;
          const timer = setInterval(() => {
            pings += 1;
            response.write(': ping\n\n');
            if (pings < 8) return;
            clearInterval(timer);
            response.end(piece('late', 'stop') + done);
          }, 400);
        },
      ];
      const lines = await linesOf(await ask(streamed));
      expect([lines.length, spoken(lines), lines.at(-1)]).toEqual([2, 'late', 'data: [DONE]']);
    },
  },
  {
    id: 'HYP-H11',
    rule: 'Retry-After is passed on and honoured; bursts stay under the tier, and the rest is refused',
    check: async () => {
      const { api, ask, clock } = await inferenceCase({
        caller: 'direct',
        settings: { HYPERBOLIC_REQUESTS_PER_MINUTE: '60' },
      });
      api.scripts = [says(200, whole())];
      const burst = await Promise.all(Array.from({ length: 200 }, () => ask(plain)));
      const counts = (status: number): number =>
        burst.filter((response) => response.status === status).length;
      expect([counts(200), counts(429), api.completions.length]).toEqual([60, 140, 60]);
      expect(burst.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('60');
      await clock.advanceBy(60_000);
      api.scripts = [says(429, '', { 'retry-after': '7' }), says(200, whole())];
      const limited = await ask(plain);
      expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
      expect([(await ask(plain)).status, api.completions.length]).toEqual([503, 61]);
      await clock.advanceBy(7_000);
      expect((await ask(plain)).status).toBe(200);
    },
  },
  {
    id: 'HYP-H16',
    rule: 'a body beyond the limit is a 413 before it is kept, a nesting beyond it a 400',
    check: async () => {
      const { api, port, ask } = await inferenceCase({ gateway: { inferenceBodyBytesMax: 100_000 } });
      const socket = connect(port, '127.0.0.1');
      socket.write('POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n');
      const [head] = await new Promise<string[]>((resolve) => {
        socket.once('data', (bytes) => resolve([bytes.toString()]));
      });
      socket.destroy();
      expect(head).toContain('413');
      const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
      expect((await ask(`{"messages":[{"role":"user","content":${deep}}]}`)).status).toBe(400);
      expect(api.completions).toEqual([]);
    },
  },
  {
    id: 'HYP-H17',
    rule: 'nothing is read from the back end while the caller does not read',
    check: async () => {
      const { api, port } = await inferenceCase();
      let produced = 0;
      const bytes = piece('x'.repeat(40_000));
      api.scripts = [
        (response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          const fill = (): void => {
            while (produced < 100_000_000 && !response.destroyed) {
              produced += bytes.length;
              if (!response.write(bytes)) {
                response.once('drain', fill);
                return;
              }
            }
          };
          fill();
        },
      ];
      const body = JSON.stringify(streamed);
      const socket = connect(port, '127.0.0.1').pause();
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      let last = -1;
      await vi.waitFor(
        () => {
          const before = last;
          last = produced;
          expect(produced > 0 && produced === before).toBe(true);
        },
        { interval: 200, timeout: 10_000 },
      );
      expect(produced).toBeLessThan(40_000_000);
      socket.destroy();
      await vi.waitFor(() => expect(api.hungUp).toBe(1));
    },
  },
  {
    id: 'HYP-H18',
    rule: 'connect, head, first token, gap and whole answer each have a limit of their own',
    check: async () => {
      const endless = stallsAfter('head', piece('a'));
      const cases = [
        ['UPSTREAM_HEADERS_TIMEOUT', stallsAfter('nothing'), 'UPSTREAM_TIMEOUT', '503'],
        ['UPSTREAM_FIRST_TOKEN_TIMEOUT', stallsAfter('head'), 'UPSTREAM_TIMEOUT', '503'],
        ['UPSTREAM_GAP_TIMEOUT', endless, 'UPSTREAM_TIMEOUT', '<broken>'],
        ['INFERENCE_FORWARD_TIMEOUT', endless, 'UPSTREAM_TIMEOUT', '<broken>'],
      ] as const;
      await Promise.all(
        cases.map(async ([name, script, code, seen]) => {
          const { api, ask, log } = await inferenceCase({ settings: { [name]: '1' } });
          api.scripts = [script];
          const response = await ask(streamed);
          expect(response.status === 200 ? (await linesOf(response)).at(-1) : String(response.status)).toBe(
            seen,
          );
          expect(log.join('')).toContain(`"code":"${code}"`);
          expect(api.completions).toHaveLength(1);
          await vi.waitFor(() => expect(api.hungUp).toBe(1));
        }),
      );
      expect(await connectFault()).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    },
  },
  {
    id: 'HYP-H27',
    rule: 'a place is given back on every way out',
    check: async () => {
      const { api, ask, clock } = await inferenceCase({
        gateway: { limits: gatewayLimits({ maxConcurrent: 20 }) },
      });
      const scripts = [
        stallsAfter('nothing'),
        stallsAfter('head'),
        stallsAfter('head', piece('a')),
        tells(piece('a'), null),
        says(500, ''),
      ];
      for (let round = 0; round < 25; round += 1) {
        await Promise.all(
          Array.from({ length: 20 }, async (_, i) => {
            api.scripts = [scripts[i % scripts.length] ?? says(200, whole())];
            const caller = new AbortController();
            const call = ask(i % 2 === 0 ? plain : streamed, { signal: caller.signal });
            setTimeout(() => caller.abort(), (i * 7) % 11);
            await call.then(linesOf).catch(() => undefined);
          }),
        );
      }
      await vi.waitFor(() => expect(api.answering).toBe(0), patience);
      api.scripts = [says(200, whole())];
      await vi.waitFor(async () => {
        // The breaker, which some of these faults opened, has its pause behind it.
        await clock.advanceBy(300_000);
        const last = await Promise.all(Array.from({ length: 20 }, () => ask(plain)));
        expect(last.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
      }, patience);
    },
  },
  {
    id: 'HYP-H29',
    rule: 'faults in a row open the breaker; after a pause one look at the model list closes it',
    check: async () => {
      const { api, ask, clock, backEnds } = await inferenceCase();
      const breaker = (): string => (backEnds.view()['backEnds'] as { breaker: string }[])[0]?.breaker ?? '';
      api.scripts = [says(200, '<html>')];
      for (let fault = 0; fault < 5; fault += 1) await ask(plain);
      expect([breaker(), api.completions.length]).toEqual(['open', 5]);
      expect((await ask(plain)).status).toBe(503);
      expect(api.completions).toHaveLength(5);
      const { lists } = api;
      await clock.advanceBy(10_000);
      await vi.waitFor(async () => {
        await settle();
        expect(breaker()).toBe('closed');
      });
      expect(api.lists).toBe(lists + 1);
      api.scripts = [says(200, whole())];
      expect((await ask(plain)).status).toBe(200);
    },
  },
  {
    id: 'HYP-H30',
    rule: 'a stop lets streams finish up to a limit, and then ends what is left at the back end too',
    check: async () => {
      const { api, ask, app } = await inferenceCase({ gateway: { drainTimeoutMs: 400 } });
      const gate = Promise.withResolvers<void>();
      api.scripts = [
        async (response, call, request) => {
          stallsAfter('head', piece('a'))(response, call, request);
          await gate.promise;
          response.end(piece('b', 'stop') + done);
        },
        stallsAfter('head', piece('a')),
      ];
      const finishing = await ask(streamed);
      const endless = await ask(streamed);
      const closed = app.close();
      gate.resolve();
      expect((await linesOf(finishing)).at(-1)).toBe('data: [DONE]');
      expect((await linesOf(endless)).at(-1)).toBe('<broken>');
      await closed;
      await vi.waitFor(() => expect([api.hungUp, api.answering]).toEqual([1, 0]));
      await expect(ask(plain)).rejects.toThrow();
    },
  },
  {
    id: 'HYP-H33',
    rule: 'what a back end counted is booked under its own model id, and a daily cap stops further calls',
    check: async () => {
      const tokens = [{ name: 'someone', token: new Secret('a-token-of-somebody') }];
      const access = {
        from: [{ address: '127.0.0.1', prefix: 32 }],
        managementFrom: [],
        tokens,
        managementCallers: [],
      };
      const limits = gatewayLimits({
        maxConcurrent: 9,
        access,
        limits: { tokensPerDay: 15, inferenceBodyBytesMax: 1e6 },
      });
      const { api, ask, usages } = await inferenceCase({ gateway: { access, limits } });
      const headers = { authorization: 'Bearer a-token-of-somebody' };
      api.scripts = [says(200, whole()), tells(piece('a', 'stop'), usage, done)];
      expect((await ask(plain, { headers })).status).toBe(200);
      await linesOf(await ask(withUsage, { headers }));
      expect(usages).toEqual(
        [false, true].map((isStream) => ({
          upstream: 'hyperbolic',
          model,
          upstreamModel: 'their/model',
          caller: 'someone',
          isStream,
          promptTokens: 7,
          completionTokens: 3,
          isComplete: true,
        })),
      );
      expect((await ask(plain, { headers })).status).toBe(429);
      expect(api.completions).toHaveLength(2);
    },
  },
];

/** What a request fails with at a server that accepts connections and never speaks TLS. */
async function connectFault(): Promise<unknown> {
  const deaf = createServer(() => undefined);
  await new Promise<void>((resolve) => {
    deaf.listen(0, '127.0.0.1', resolve);
  });
  const baseUrl = `https://127.0.0.1:${(deaf.address() as AddressInfo).port}`;
  const limits = { connectTimeoutMs: 300, headersTimeoutMs: 60_000, gapTimeoutMs: 60_000 };
  const { upstream } = createOpenAiUpstream({ name: 'deaf', baseUrl, key: new Secret('k'), limits });
  onTestFinished(async () => {
    await upstream.close();
    deaf.close();
  });
  const { signal } = new AbortController();
  return upstream
    .complete({ path: '/chat/completions', body: '{}', signal })
    .catch((error: unknown) => error);
}
