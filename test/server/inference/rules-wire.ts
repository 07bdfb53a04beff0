import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { inferenceCase, linesOf, model, plain, spoken, streamed } from './inference-case.ts';
import type { Rule } from './rule.ts';
import { done, event, piece, says, tells, whole } from './scripted-api.ts';

const secrets = {
  authorization: 'Bearer caller-canary',
  'api-key': 'caller-canary',
  cookie: 'session=caller-canary',
  'x-forwarded-for': '1.2.3.4',
  'cf-connecting-ip': '1.2.3.4',
  'x-seed': '7',
  'proxy-authorization': 'caller-canary',
  te: 'trailers',
};
const theirs = {
  'set-cookie': 'a=upstream-canary',
  'x-ratelimit-limit': '600',
  server: 'cloudflare',
  'cf-ray': 'x',
  'proxy-authenticate': 'x',
  'x-request-id': 'upstream-canary',
};

/** Headers, secrets and bytes on the two wires. */
export const wireRules: readonly Rule[] = [
  {
    id: 'HYP-H13',
    rule: 'no header of either side reaches the other',
    check: async () => {
      const { api, ask } = await inferenceCase();
      for (const [body, script] of [
        [plain, says(200, whole(), theirs)],
        [streamed, tells(piece('a', 'stop'), done)],
        [plain, says(400, '{}', theirs)],
      ] as const) {
        api.scripts = [script];
        const response = await ask(body, { headers: secrets });
        const allowed = [
          'connection',
          'content-length',
          'content-type',
          'date',
          'keep-alive',
          'transfer-encoding',
        ];
        const told = [...allowed, 'cache-control', 'x-accel-buffering'];
        expect([...response.headers.keys()].filter((name) => !told.includes(name))).toEqual([]);
        await linesOf(response);
        expect(Object.keys(api.completions.at(-1)?.headers ?? {}).toSorted()).toEqual([
          'accept',
          'accept-encoding',
          'authorization',
          'connection',
          'content-length',
          'content-type',
          'host',
        ]);
      }
    },
  },
  {
    id: 'HYP-H14',
    rule: "callers' credentials never leave, the upstream key never comes back or into a log",
    check: async () => {
      const { api, ask, log } = await inferenceCase();
      const answers: string[] = [];
      for (const status of [200, 400, 401, 422, 429, 500]) {
        api.scripts = [says(status, '{"error":{"message":"key upstream-canary is wrong"}}', theirs)];
        const response = await ask(plain, { headers: secrets });
        answers.push(JSON.stringify([...response.headers]) + (await response.text()));
      }
      expect(answers.join('') + log.join('')).not.toMatch(/upstream-canary|caller-canary/);
      expect(JSON.stringify(api.completions)).not.toContain('caller-canary');
      expect(api.completions[0]?.headers.authorization).toBe('Bearer upstream-canary');
    },
  },
  {
    id: 'HYP-H15',
    rule: 'an answer that comes compressed all the same is read, and leaves plain',
    check: async () => {
      const { api, ask } = await inferenceCase();
      const head = { 'content-encoding': 'gzip' };
      api.scripts = [
        (response) =>
          response.writeHead(200, { 'content-type': 'application/json', ...head }).end(gzipSync(whole())),
      ];
      const response = await ask(plain);
      expect([response.headers.get('content-encoding'), await response.json()]).toEqual([
        null,
        { ...(JSON.parse(whole()) as object), model },
      ]);
      api.scripts = [
        (answer) =>
          answer
            .writeHead(200, { 'content-type': 'text/event-stream', ...head })
            .end(gzipSync(piece('zipped', 'stop') + done)),
      ];
      expect(spoken(await linesOf(await ask(streamed)))).toBe('zipped');
      expect(api.completions[0]?.headers['accept-encoding']).toBe('identity');
      api.scripts = [says(200, whole(), { 'content-encoding': 'zstd-unheard-of' })];
      expect((await ask(plain)).status).toBe(503);
    },
  },
  {
    id: 'HYP-H25',
    rule: 'logs hold ids, codes and figures; no prompt and no answer',
    check: async () => {
      const { api, ask, log } = await inferenceCase();
      for (const script of [
        says(200, whole({ choices: [{ message: { content: 'answer-canary' }, finish_reason: 'stop' }] })),
        says(200, 'answer-canary'),
        says(500, 'answer-canary'),
        tells(piece('answer-canary'), event({ error: 'answer-canary' })),
      ]) {
        api.scripts = [script];
        await linesOf(await ask(plain));
        await linesOf(await ask(streamed));
      }
      await ask('{"prompt-canary');
      expect(log.length).toBeGreaterThan(3);
      expect(log.join('')).not.toContain('canary');
    },
  },
  {
    id: 'HYP-H32',
    rule: 'integers beyond 2^53 keep their digits',
    check: async () => {
      const { api, ask } = await inferenceCase();
      api.scripts = [says(200, whole())];
      for (const padding of ['', 'x'.repeat(20_000)]) {
        const raw = `{"model":"${model}","messages":[{"role":"user","content":"${padding}"}],"seed":9007199254740993,"skip_special_tokens":false}`;
        expect((await ask(raw)).status).toBe(200);
        expect(api.completions.at(-1)?.body).toContain('"seed":9007199254740993');
      }
    },
  },
];
