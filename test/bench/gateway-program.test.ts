import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAggregate } from '../../bench/aggregate-case.ts';
import type { ExpectedBody } from '../../bench/answer-reader.ts';
import { closedLoop } from '../../bench/closed-loop.ts';
import { type GatewayProcess, startGateway } from '../../bench/gateway-process.ts';
import { type MockBackEnd, openMockBackEnd } from '../../bench/mock-back-end.ts';
import { cpuMs, rssMb } from '../../bench/process-usage.ts';
import { type Exchange, plainExchange, streamExchange } from '../../bench/traffic.ts';

let mock: MockBackEnd;
let asAsked: GatewayProcess;
let always: GatewayProcess;
beforeAll(async () => {
  mock = await openMockBackEnd();
  mock.behave({ kind: 'answer', pauseMs: 1 });
  [asAsked, always] = await Promise.all([
    startGateway({ backEndPort: mock.port }),
    startGateway({ backEndPort: mock.port, mode: 'always' }),
  ]);
});
afterAll(async () => {
  await Promise.all([asAsked.stop(), always.stop()]);
  await mock.close();
});

async function answers(
  gateway: GatewayProcess,
  exchange: { readonly request: Exchange['request']; readonly answer: ExpectedBody },
) {
  const load = closedLoop(gateway.port, 3, exchange);
  const seen = await load.runTimes(2, 0);
  load.close();
  return seen;
}

describe('the gateway under test', () => {
  it('passes plain answers and streams to the byte', async () => {
    expect(await answers(asAsked, plainExchange())).toMatchObject({ answers: 6, failed: 0 });
    expect(await answers(asAsked, streamExchange())).toMatchObject({ answers: 6, failed: 0 });
  });

  it('puts plain answers together from streams when it is told to', async () => {
    const exchange = { request: plainExchange().request, answer: isAggregate };
    expect(await answers(always, exchange)).toMatchObject({ answers: 6, failed: 0 });
  });

  it('asks for the token that the callers bring', async () => {
    const { request, answer } = plainExchange();
    const stranger = Buffer.from(request.toString().replace('Bearer bench', 'Bearer other'));
    expect(await answers(asAsked, { request: stranger, answer })).toMatchObject({ failed: 6 });
  });

  it('tells about its event loop and its heap, and is seen by the kernel', async () => {
    await asAsked.watchLoop();
    await answers(asAsked, streamExchange());
    const { p999Ms, maxMs } = await asAsked.loopDelay();
    expect(maxMs).toBeGreaterThanOrEqual(p999Ms);
    expect(p999Ms).toBeGreaterThan(0);
    expect(await asAsked.liveHeapMb()).toBeGreaterThan(1);
    expect(cpuMs(asAsked.pid)).toBeGreaterThan(0);
    expect(rssMb(asAsked.pid)).toBeGreaterThan(10);
  });
});
