import { expect, vi } from 'vitest';
import { inferenceCase, linesOf, model, plain, spoken, streamed } from './inference-case.ts';
import type { Rule } from './rule.ts';
import { done, piece, says, stallsAfter, tells, whole } from './scripted-api.ts';

/** What a back end may do wrong, and what callers hear of it. */
export const failureRules: readonly Rule[] = [
  {
    id: 'HYP-H1',
    rule: 'a caller who leaves ends the upstream request within 0.3 s, in each phase, plain or streamed',
    check: async () => {
      const { api, ask, counters } = await inferenceCase();
      const phases = [
        stallsAfter('nothing'),
        stallsAfter('head'),
        stallsAfter('head', piece('a'), piece('b')),
      ];
      let left = 0;
      for (const script of phases) {
        for (const body of [plain, streamed]) {
          api.scripts = [script];
          const caller = new AbortController();
          const call = ask(body, { signal: caller.signal });
          const seen = call.then((response) => response.body?.getReader().read());
          seen.catch(() => undefined);
          await vi.waitFor(() => expect(api.answering).toBe(1));
          if (script === phases[2] && body === streamed) await seen;
          const leftAt = performance.now();
          caller.abort();
          left += 1;
          await vi.waitFor(() => expect([api.hungUp, counters.cancelled]).toEqual([left, left]), {
            interval: 5,
          });
          expect(performance.now() - leftAt).toBeLessThan(300);
        }
      }
    },
  },
  {
    id: 'HYP-H2',
    rule: 'a failure before the first byte has a status; after it the stream breaks off and has no [DONE]',
    check: async () => {
      const { api, ask } = await inferenceCase({ caller: 'direct' });
      api.scripts = [says(503, '')];
      expect((await ask(streamed)).status).toBe(503);
      api.scripts = [tells(piece('a'), null)];
      const lines = await linesOf(await ask(streamed));
      expect(spoken(lines)).toBe('a');
      expect(lines.at(-1)).toContain('"error"');
      expect(lines.join()).not.toContain('[DONE]');
    },
  },
  {
    id: 'HYP-H12',
    rule: 'one retry before the first byte at most, none after it',
    check: async () => {
      const { api, second, ask } = await inferenceCase({ backEnds: 2 });
      api.scripts = [says(500, '')];
      second.scripts = [says(502, '')];
      expect((await ask(plain)).status).toBe(503);
      expect([api.completions.length, second.completions.length]).toEqual([1, 1]);
      second.scripts = [says(200, whole())];
      expect((await ask(plain)).status).toBe(200);
      api.scripts = [tells(piece('a'), null)];
      await linesOf(await ask(streamed));
      expect([api.completions.length, second.completions.length]).toEqual([3, 2]);
      const alone = await inferenceCase();
      alone.api.scripts = [says(500, ''), says(200, whole())];
      expect((await alone.ask(plain)).status).toBe(200);
      expect(alone.api.completions).toHaveLength(2);
    },
  },
  {
    id: 'HYP-H20',
    rule: 'HTML and empty bodies become a neutral message',
    check: async () => {
      const { api, ask } = await inferenceCase();
      const page = '<html>524 cloudflare canary</html>';
      for (const script of [
        says(524, page, { 'content-type': 'text/html' }),
        says(200, page),
        says(418, ''),
        says(404, ''),
      ]) {
        api.scripts = [script];
        for (const body of [plain, streamed]) {
          const response = await ask(body);
          expect(response.status).toBe(503);
          expect(await response.json()).toMatchObject({ error: { type: 'service_unavailable' } });
        }
      }
    },
  },
  {
    id: 'HYP-H21',
    rule: '401, 402 and 403 are 503 outward, an alert, and an open breaker',
    check: async () => {
      for (const [status, code] of [
        [401, 'UPSTREAM_KEY_REFUSED'],
        [402, 'UPSTREAM_NO_CREDIT'],
        [403, 'UPSTREAM_KEY_REFUSED'],
      ] as const) {
        const { api, ask, rows } = await inferenceCase();
        api.scripts = [says(status, '{"detail":"canary"}')];
        expect((await ask(plain)).status).toBe(503);
        expect(rows.alerts()).toMatchObject([{ key: 'breaker:hyperbolic', code }]);
        const refused = await ask(plain);
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
        expect(api.completions).toHaveLength(1);
      }
    },
  },
  {
    id: 'HYP-H22',
    rule: 'a 422 is a 400 that names the field and quotes nothing',
    check: async () => {
      const { api, ask, backEnds } = await inferenceCase();
      const detail = [
        { loc: ['body', 'top_logprobs'], msg: 'canary', type: 'int_type', input: 'canary' },
        { loc: ['body', 'prompt canary with spaces'], msg: 'canary', type: 'x' },
      ];
      api.scripts = [says(422, JSON.stringify({ detail }))];
      const response = await ask(plain);
      const text = await response.text();
      expect([response.status, text.includes('canary')]).toEqual([400, false]);
      expect(text).toContain('\\"top_logprobs\\" was not accepted (int_type)');
      api.scripts = [says(422, '{"detail":"canary"}')];
      expect((await ask(streamed)).status).toBe(400);
      expect(backEnds.view()).toMatchObject({ isModelServed: true, backEnds: [{ breaker: 'closed' }] });
    },
  },
  {
    id: 'HYP-H23',
    rule: 'a request whose reused connection is reset is not sent again by itself',
    check: async () => {
      const { api, ask } = await inferenceCase();
      api.scripts = [
        says(200, whole()),
        (_response, _call, request) => request.socket.destroy(),
        says(200, whole()),
      ];
      expect((await ask(plain)).status).toBe(200);
      expect((await ask(plain)).status).toBe(503);
      expect(api.completions).toHaveLength(2);
    },
  },
  {
    id: 'HYP-H24',
    rule: 'a retired model goes over to another back end of the same weights, else the node is not ready; never another model',
    check: async () => {
      const { api, second, ask, backEnds, rows } = await inferenceCase({ backEnds: 2 });
      api.models = ['other/model'];
      api.scripts = [says(404, '')];
      second.scripts = [tells(piece('from the second', 'stop'), done)];
      expect(spoken(await linesOf(await ask(streamed)))).toBe('from the second');
      expect((await ask(streamed)).status).toBe(200);
      expect([api.completions.length, second.completions.length]).toEqual([1, 2]);
      expect(rows.alerts()).toMatchObject([{ key: 'model:hyperbolic', code: 'UPSTREAM_MODEL_MISSING' }]);
      await vi.waitFor(() => expect(api.lists).toBe(3));
      second.models = [];
      second.scripts = [says(404, '')];
      expect(backEnds.isHealthy()).toBe(true);
      expect((await ask(plain)).status).toBe(503);
      expect(backEnds.isHealthy()).toBe(false);
      expect((await ask(plain)).status).toBe(503);
      expect([api.completions.length, second.completions.length]).toEqual([1, 3]);
      expect(
        api.completions.every(({ body }) => !body.includes('other/model') && !body.includes(model)),
      ).toBe(true);
    },
  },
];
