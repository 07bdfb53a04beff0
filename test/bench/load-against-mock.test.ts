import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closedLoop } from '../../bench/closed-loop.ts';
import { type MockBackEnd, openMockBackEnd } from '../../bench/mock-back-end.ts';
import { openLoop } from '../../bench/open-loop.ts';
import {
  eventsPerStream,
  plainExchange,
  requestBytes,
  streamEvents,
  streamExchange,
} from '../../bench/traffic.ts';
import { cancelled } from '../../bench/vanish-case.ts';

let mock: MockBackEnd;
beforeAll(async () => {
  mock = await openMockBackEnd();
  mock.behave({ kind: 'answer', pauseMs: 1 });
});
afterAll(() => mock.close());

describe('the traffic', () => {
  it('has the sizes that the table states', () => {
    const { request, answer } = plainExchange();
    expect(request.length - request.indexOf('\r\n\r\n') - 4).toBe(requestBytes);
    expect(answer.length).toBe(2_048);
    expect(streamEvents()).toHaveLength(eventsPerStream);
  });
});

describe('the load generator on the mock', () => {
  it('sees nothing but right answers, one after the other on each connection', async () => {
    const before = mock.requests;
    const load = closedLoop(mock.port, 8, plainExchange());
    const seen = await load.runTimes(25, 0);
    load.close();
    expect(seen).toMatchObject({ answers: 200, failed: 0 });
    expect(seen.totalMs).toHaveLength(200);
    expect(mock.requests - before).toBe(200);
  });

  it('reads whole streams and times their first byte before their last', async () => {
    const load = closedLoop(mock.port, 4, streamExchange());
    const seen = await load.runTimes(2, 5);
    load.close();
    expect(seen).toMatchObject({ answers: 8, failed: 0 });
    expect(seen.firstByteMs).toHaveLength(8);
    expect(seen.firstByteMs[0]).toBeLessThan(seen.totalMs[0] ?? 0);
  });

  it('counts an answer with a wrong byte as failed', async () => {
    const { request, answer } = plainExchange();
    answer[1_000] = (answer[1_000] ?? 0) ^ 1;
    const load = closedLoop(mock.port, 2, { request, answer });
    const seen = await load.runTimes(3, 0);
    load.close();
    expect(seen).toMatchObject({ answers: 6, failed: 6 });
  });

  it('counts an answer that does not come as failed', async () => {
    const gone = await openMockBackEnd();
    await gone.close();
    const load = closedLoop(gone.port, 2, plainExchange());
    const seen = await load.runTimes(1, 0);
    expect(seen).toMatchObject({ answers: 2, failed: 2, firstByteMs: [] });
  });

  it('keeps a fixed rate in the open loop, whatever the answers take', async () => {
    const options = { port: mock.port, exchange: plainExchange(), perSecond: 500, durationMs: 200 };
    expect(await openLoop(options)).toMatchObject({ answers: 100, failed: 0 });
  });
});

describe('callers who vanish', () => {
  it.each(['holdHead', 'holdFirstToken', 'holdMidStream'] as const)(
    'are all seen by a back end that does %s',
    async (kind) => {
      expect(await cancelled(mock.port, mock, kind, 10_000)).toBe(50);
      expect(mock.openRequests).toBe(0);
    },
  );
});
