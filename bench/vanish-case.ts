import { setTimeout as sleep } from 'node:timers/promises';
import type { Subjects } from './alternation.ts';
import { LoadConnection } from './load-connection.ts';
import type { MockBackEnd } from './mock-back-end.ts';
import type { MockManner } from './mock-exchange.ts';
import type { Plan } from './plan.ts';
import type { CaseResult, Row } from './result.ts';
import { spreadOf } from './statistics.ts';
import { streamExchange } from './traffic.ts';

const callers = 50;
/** Within this time the back end's request must be closed. */
const closeWithinMs = 300;
/** For 50 requests to reach the back end. */
const arriveWithinMs = 5_000;

const phases = [
  { manner: 'holdHead', title: 'before the head', figure: 'cancelledBeforeHead' },
  { manner: 'holdFirstToken', title: 'before the first token', figure: 'cancelledBeforeFirstToken' },
  { manner: 'holdMidStream', title: 'in mid-stream', figure: 'cancelledMidStream' },
] as const satisfies readonly { manner: MockManner['kind']; title: string; figure: string }[];

/** 50 callers vanish in each phase; counted are the requests that the back end sees closed soon after. */
export async function vanishCase(subjects: Subjects, mock: MockBackEnd, plan: Plan): Promise<CaseResult> {
  const counts = phases.map(() => ({ gateway: [] as number[], nginx: [] as number[] }));
  for (let round = 0; round < (plan.isQuick ? 1 : plan.rounds); round += 1) {
    for (const [index, { manner }] of phases.entries()) {
      for (const name of ['gateway', 'nginx'] as const)
        counts[index]?.[name].push(await cancelled(subjects[name].port, mock, manner));
    }
  }
  mock.behave({ kind: 'answer', pauseMs: 10 });
  const rows = phases.map(({ title, figure }, index): Row => {
    const { gateway, nginx } = counts[index] ?? { gateway: [], nginx: [] };
    return {
      title: `Closed within ${closeWithinMs} ms, callers gone ${title}`,
      unit: `of ${callers}`,
      gateway: spreadOf(gateway),
      nginx: spreadOf(nginx),
      figure,
    };
  });
  return { name: 'vanish', rows, failed: { gateway: 0, nginx: 0 } };
}

/** How many of the 50 requests were closed at the back end within `withinMs` after their callers vanished. */
export async function cancelled(
  port: number,
  mock: MockBackEnd,
  kind: (typeof phases)[number]['manner'],
  withinMs: number = closeWithinMs,
): Promise<number> {
  mock.behave({ kind });
  const { request, answer } = streamExchange();
  const openBefore = mock.openRequests;
  const connections = Array.from({ length: callers }, () => new LoadConnection(port));
  for (const connection of connections) connection.exchange(request, answer, () => {});
  const isReady = (): boolean =>
    mock.openRequests - openBefore >= callers &&
    (kind !== 'holdMidStream' || connections.every((connection) => connection.bodyBytes > 0));
  const limitMs = performance.now() + arriveWithinMs;
  while (!isReady() && performance.now() < limitMs) await sleep(10);
  await sleep(50);
  const fromMs = performance.now();
  for (const connection of connections) connection.vanish();
  const closed = (): number =>
    mock.abandonedAtMs.filter((atMs) => atMs >= fromMs && atMs <= fromMs + withinMs).length;
  while (closed() < callers && performance.now() < fromMs + withinMs) await sleep(10);
  return closed();
}
