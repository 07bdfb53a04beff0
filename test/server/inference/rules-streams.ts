import { expect } from 'vitest';
import { inferenceCase, linesOf, model, plain, spoken, streamed, withUsage } from './inference-case.ts';
import type { Rule } from './rule.ts';
import { done, event, piece, says, stallsAfter, tells, usage, whole } from './scripted-api.ts';

const stop = piece('', 'stop');
const isUsage = (line: string): boolean => line.includes('"choices":[]') && line.includes('"usage":{');
const dataOf = (line: string | undefined): { usage?: object; error?: object } =>
  JSON.parse(line?.slice(6) ?? 'null') as object;

/** What a stream may look like when it reaches a caller. */
export const streamRules: readonly Rule[] = [
  {
    id: 'HYP-H3',
    rule: 'a usage chunk without choices passes through',
    check: async () => {
      const { api, ask } = await inferenceCase();
      api.scripts = [tells(piece('a', 'stop'), usage, done)];
      const lines = await linesOf(await ask(withUsage));
      expect([lines.length, dataOf(lines[1]).usage]).toEqual([
        3,
        { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
      ]);
    },
  },
  {
    id: 'HYP-H4',
    rule: 'usage comes exactly when it was asked for, synthesised if the back end sent none',
    check: async () => {
      const { api, ask, usages } = await inferenceCase();
      for (const [body, told, due] of [
        [withUsage, usage, 1],
        [withUsage, '', 1],
        [streamed, usage, 0],
        [streamed, '', 0],
      ] as const) {
        api.scripts = [tells(piece('a'), piece('b'), stop, told, done)];
        const lines = await linesOf(await ask(body));
        expect(lines.filter(isUsage)).toHaveLength(due);
        expect([spoken(lines), lines.at(-1)]).toEqual(['ab', 'data: [DONE]']);
        if (told === '' && due === 1)
          expect(dataOf(lines.at(-2)).usage).toEqual({
            prompt_tokens: 1,
            completion_tokens: 2,
            total_tokens: 3,
          });
      }
      // What we made up ourselves is not in the books.
      expect(usages.map(({ completionTokens }) => completionTokens)).toEqual([3, null, 3, null]);
    },
  },
  {
    id: 'HYP-H5',
    rule: '[DONE] comes once and last: added, not repeated, and an early one is no end',
    check: async () => {
      const { api, ask } = await inferenceCase();
      for (const script of [
        tells(piece('a', 'stop')),
        tells(piece('a', 'stop'), done, done, piece('late')),
        tells(piece('a', 'stop') + done + done),
      ]) {
        api.scripts = [script];
        const lines = await linesOf(await ask(streamed));
        expect(lines.filter((line) => line === 'data: [DONE]')).toHaveLength(1);
        expect([spoken(lines), lines.at(-1)]).toEqual(['a', 'data: [DONE]']);
      }
      api.scripts = [tells(piece('a'), done)];
      expect((await linesOf(await ask(streamed))).join()).not.toContain('[DONE]');
    },
  },
  {
    id: 'HYP-H6',
    rule: 'a stream that ended without a finish reason is an error',
    check: async () => {
      const { api, ask, counters } = await inferenceCase({ caller: 'direct' });
      api.scripts = [tells(piece('a'))];
      const lines = await linesOf(await ask(streamed));
      expect(dataOf(lines.at(-1))).toHaveProperty('error');
      expect(counters.failed).toBe(1);
    },
  },
  {
    id: 'HYP-H7',
    rule: 'bytes cut anywhere, CRLF, comments, several data lines and a missing end give the same stream',
    check: async () => {
      const { api, ask } = await inferenceCase();
      const simple = piece('Zürich 東京 🚀') + piece('b') + stop + usage + done;
      const odd = Buffer.from(
        `\uFEFF: hello\r\n\r\nevent: x\r\nid: 1\r\n${simple
          .replaceAll('\n', '\r\n')
          .replace('data: ', 'data:')
          .replace(',"created"', '\r\ndata: ,"created"')}`.replace(/\s+$/, ''),
      );
      api.scripts = [tells(simple)];
      const expected = (await linesOf(await ask(withUsage))).map((line) => line.replaceAll(/\s/g, ''));
      for (const bytes of [Buffer.from(simple), odd]) {
        for (const cut of [1, 7, bytes.length]) {
          const pieces = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, i) =>
            bytes.subarray(i * cut, (i + 1) * cut),
          );
          api.scripts = [tells(...pieces)];
          const lines = await linesOf(await ask(withUsage));
          expect(lines.map((line) => line.replaceAll(/\s/g, ''))).toEqual(expected);
        }
      }
    },
  },
  {
    id: 'HYP-H9',
    rule: 'an error object in a 200 stream is a failure, first or in the middle',
    check: async () => {
      const { api, ask } = await inferenceCase();
      const error = event({ object: 'error', message: 'sk-canary', code: 500 });
      api.scripts = [tells(error, done)];
      expect((await ask(streamed)).status).toBe(503);
      api.scripts = [tells(piece('a'), error, done)];
      const lines = await linesOf(await ask(streamed));
      expect(lines.join()).not.toMatch(/canary|\[DONE\]/);
      expect(lines.at(-1)).toBe('<broken>');
    },
  },
  {
    id: 'HYP-H10',
    rule: 'text and JSON mixed in one chunk: the error is found, nothing crashes',
    check: async () => {
      const { api, ask, clock } = await inferenceCase({ caller: 'direct' });
      api.scripts = [tells('data: oops {"object":"error","code":429,"message":"sk-canary"}\n\n')];
      expect((await ask(streamed)).status).toBe(429);
      await clock.advanceBy(2_000);
      api.scripts = [tells(piece('a'), 'data: {unparsable}\n\n')];
      expect(dataOf((await linesOf(await ask(streamed))).at(-1))).toHaveProperty('error');
    },
  },
  {
    id: 'HYP-H19',
    rule: 'nothing is held back: the first chunk arrives before the second is produced',
    check: async () => {
      const { api, ask } = await inferenceCase();
      const gate = Promise.withResolvers<void>();
      api.scripts = [
        async (response, call, request) => {
          stallsAfter('head', piece('first'))(response, call, request);
          await gate.promise;
          response.end(stop);
        },
      ];
      const response = await ask(streamed);
      expect([response.headers.get('cache-control'), response.headers.get('x-accel-buffering')]).toEqual([
        'no-cache',
        'no',
      ]);
      const reader = response.body?.getReader();
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('first');
      gate.resolve();
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('stop');
      await reader?.cancel();
    },
  },
  {
    id: 'HYP-H34',
    rule: 'every line is `data: ` and one object; choices, finish reasons and stop reasons are as the Network Node decodes them',
    check: async () => {
      const { api, ask } = await inferenceCase();
      const odd = event({
        id: 'c',
        model: 'their/model',
        choices: [{ index: 0, delta: null, stop_reason: 151645 }],
      });
      const spaced = `data:  {"id": "c", "choices": [{"index":0,"delta":{"content":"x"},"finish_reason":"eos"}]}\n\n`;
      api.scripts = [tells(': ping\n\n', 'retry: 5\n', piece('a'), odd, spaced, usage, done)];
      const response = await ask(withUsage);
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
      const lines = await linesOf(response);
      expect(lines.at(-1)).toBe('data: [DONE]');
      for (const line of lines.slice(0, -1)) {
        const chunk = JSON.parse(/^data: (\{.*\})$/.exec(line)?.[1] ?? '') as {
          model: string;
          choices: { delta: unknown; finish_reason?: unknown; stop_reason?: unknown }[];
        };
        expect(chunk.model).toBe(model);
        for (const { delta, finish_reason: reason, stop_reason: stopReason } of chunk.choices) {
          expect(delta).toEqual(expect.any(Object));
          expect([undefined, null, 'stop']).toContain(reason);
          expect(['undefined', 'string']).toContain(typeof stopReason);
        }
      }
      api.scripts = [says(200, whole({ usage: undefined }))];
      expect(await (await ask(plain)).json()).toMatchObject({
        model,
        usage: { prompt_tokens: 1, completion_tokens: 1 },
      });
    },
  },
];
