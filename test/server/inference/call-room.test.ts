import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { CallRoom } from '../../../src/server/inference/call-room.ts';
import { newInferenceCounters } from '../../../src/server/inference/counters.ts';
import { OpenCalls } from '../../../src/server/inference/open-calls.ts';
import { answers, completion } from '../scripted-upstream.ts';
import { backEndCase, deskOf } from '../back-end-case.ts';
import { gatewayCase, model } from '../gateway-case.ts';
import { ScriptedUpstream } from '../scripted-upstream.ts';

afterEach(() => void vi.useRealTimers());

test('64 may wait for a turn at a time; one who leaves makes room for another', () => {
  vi.useFakeTimers();
  const log = pino({ level: 'silent' });
  const room = new CallRoom({ desk: deskOf(model, []), counters: newInferenceCounters(), log });
  const gone: number[] = [];
  const waits = Array.from({ length: 65 }, (_, i) => room.waitForTurn(100, () => void gone.push(i)));
  expect(waits.map((wait) => wait !== undefined)).toEqual([...Array.from({ length: 64 }, () => true), false]);
  waits[3]?.cancel();
  waits[3]?.cancel();
  expect(room.waitForTurn(100, () => void gone.push(99))).toBeDefined();
  expect(room.waitForTurn(100, () => undefined)).toBeUndefined();
  vi.advanceTimersByTime(100);
  expect(gone).toHaveLength(64);
  expect(gone).not.toContain(3);
  expect(gone).toContain(99);
  room.calls.stop();
});

test('a request waits for a turn that is near, and goes to the next back end before it does', async () => {
  const upstreams = [new ScriptedUpstream('first'), new ScriptedUpstream('second')];
  for (const upstream of upstreams) upstream.scripts = [answers(200, completion())];
  const [first, second] = upstreams.map((upstream) => backEndCase(upstream));
  if (first === undefined || second === undefined) throw new Error('two back ends');
  const candidates = [first, second].map((backEnd) => ({ backEnd, model }));
  const gateway = await gatewayCase({ inference: deskOf(model, candidates) });
  const ask = { model, messages: [{ role: 'user', content: 'x' }] };
  first.now.turnMs = 20;
  expect((await gateway.post('/v1/chat/completions', ask)).status).toBe(200);
  expect(upstreams.map(({ requests }) => requests.length)).toEqual([0, 1]);
  second.now.turnMs = 20;
  const waiting = gateway.post('/v1/chat/completions', ask);
  await vi.waitFor(() => expect(gateway.counters.requests).toBe(2));
  first.now.turnMs = 0;
  expect((await waiting).status).toBe(200);
  expect(upstreams.map(({ requests }) => requests.length)).toEqual([1, 1]);
  second.now.turnMs = first.now.turnMs = 60_000;
  const refused = await gateway.post('/v1/chat/completions', ask);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
  await gateway.app.close();
});

test('places of calls are used again, and every open call is swept', () => {
  vi.useFakeTimers();
  const calls = new OpenCalls<{ swept: number; sweep(): void }>(1_000);
  const call = () => ({
    swept: 0,
    sweep() {
      this.swept += 1;
    },
  });
  const open = [call(), call(), call()];
  const places = open.map((each) => calls.add(each));
  calls.remove(places[1] ?? -1);
  calls.remove(places[1] ?? -1);
  expect([calls.count, calls.add(call()), calls.count]).toEqual([2, 1, 3]);
  vi.advanceTimersByTime(2_000);
  expect(open.map(({ swept }) => swept)).toEqual([2, 0, 2]);
  calls.stop();
  vi.advanceTimersByTime(2_000);
  expect(open[0]?.swept).toBe(2);
});
