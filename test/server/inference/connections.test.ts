import { expect, test, vi } from 'vitest';
import { inferenceCase, linesOf, plain, streamed } from './inference-case.ts';
import { done, piece, says, tells, whole } from './scripted-api.ts';

test('whole answers leave their connection to the next request, plain and streamed', async () => {
  const { api, ask } = await inferenceCase();
  await vi.waitFor(() => expect(api.lists).toBe(2));
  const before = api.connections;
  for (let turn = 0; turn < 5; turn += 1) {
    api.scripts = [tells(piece('a'), piece('b', 'stop') + done)];
    await linesOf(await ask(streamed));
    await vi.waitFor(() => expect(api.answering).toBe(0));
    api.scripts = [says(200, whole())];
    await linesOf(await ask(plain));
    await vi.waitFor(() => expect(api.answering).toBe(0));
  }
  expect([api.connections - before, api.hungUp]).toEqual([1, 0]);
});

test('a body that does not end behind its [DONE] is let go', async () => {
  const { api, ask } = await inferenceCase();
  api.scripts = [
    (response) =>
      void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(piece('a', 'stop') + done),
  ];
  expect((await linesOf(await ask(streamed))).at(-1)).toBe('data: [DONE]');
  await vi.waitFor(() => expect(api.hungUp).toBe(1), { timeout: 6_000 });
});
