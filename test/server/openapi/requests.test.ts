import { Agent } from 'node:http';
import { performance } from 'node:perf_hooks';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInferenceRequest } from '../../../src/server/inference/inference-request.ts';
import type { Listener, Operation } from '../../../src/server/openapi/operation.ts';
import { operations } from '../../../src/server/openapi/operations.ts';
import { type RequestSchemaName, requestSchemas } from '../../../src/server/openapi/schemas.ts';
import { brokenJson, mutatedJson } from '../../support/mutated-json.ts';
import { model } from '../gateway-case.ts';
import { rawCall } from '../raw-call.ts';
import {
  answers,
  chunk,
  completion,
  event,
  fails,
  type Script,
  streams,
  usageChunk,
} from '../scripted-upstream.ts';
import { faultOf } from './answer-check.ts';
import { bodyOf, requestOf } from './request-arbitrary.ts';
import { type ServedCase, servedCase } from './served-case.ts';

const runs = 40;
const served = new Map<Listener, ServedCase>();
const agent = new Agent({ keepAlive: true });
beforeAll(async () => {
  for (const listener of ['shared', 'management', 'inference', 'inspection'] as const)
    served.set(listener, await servedCase(listener));
});
afterAll(async () => {
  agent.destroy();
  for (const { app } of served.values()) await app.close();
});

/** A back end that serves, plain and streamed, chat and text. */
const good: Script = (request) => {
  const isText = request.path === '/completions';
  const asked = JSON.parse(request.body) as { stream?: boolean };
  const whole = isText
    ? completion({ choices: [{ index: 0, text: 'hello', finish_reason: 'stop' }] })
    : completion();
  const piece = isText
    ? { model, choices: [{ index: 0, text: 'hello', finish_reason: 'stop' }] }
    : chunk('x', 'stop');
  const script =
    asked.stream === true ? streams([event(piece), event(usageChunk), event('[DONE]')]) : answers(200, whole);
  return script(request);
};

const backEnds: readonly Script[] = [
  good,
  good,
  ...[400, 401, 404, 413, 422, 429, 500, 503, 524].map((status) => answers(status, '{"error":"no"}')),
  answers(200, '<html>'),
  answers(200, '{"error":{"code":500}}'),
  fails('UPSTREAM_UNREACHABLE'),
  fails('UPSTREAM_TIMEOUT'),
];

const pow = (status: 'IDLE' | 'LOADING' | 'GENERATING' | 'VALIDATING', isModelInitialized: boolean) => ({
  state: 'POW' as const,
  pow: { status, isModelInitialized },
});
/** What may stand behind a listener when a request comes. */
const world = fc.record({
  view: fc.oneof(
    fc.constantFrom({ state: 'INFERENCE' as const, pow: null }, { state: 'STOPPED' as const, pow: null }),
    fc.constantFrom(
      pow('IDLE', true),
      pow('LOADING', false),
      pow('GENERATING', false),
      pow('VALIDATING', true),
    ),
  ),
  isInferenceHealthy: fc.boolean(),
  hasMachine: fc.boolean(),
  backEnd: fc.constantFrom(...backEnds),
  caller: fc.constantFrom('networkNode' as const, 'direct' as const),
});
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

function arrange({ desk, gateway }: ServedCase, { view, isInferenceHealthy, ...behind }: World): void {
  desk.now = { ...view, isInferenceHealthy, expectedModel: model };
  desk.hasMachine = behind.hasMachine;
  desk.calls.length = 0;
  if (gateway === undefined) return;
  gateway.upstream.scripts = [behind.backEnd];
  gateway.caller.kind = behind.caller;
  gateway.log.length = 0;
}

const named = operations.map((operation): [string, Operation] => [
  `${operation.method.toUpperCase()} ${operation.path} (${operation.listeners.join(', ')})`,
  operation,
]);
const pollTimes: number[] = [];

describe('whatever is sent to', () => {
  test.each(named)('%s, the answer is one that the document lists', async (_name, operation) => {
    const [listener = 'shared'] = operation.listeners;
    const behind = served.get(listener);
    if (behind === undefined) throw new Error(`no ${listener}`);
    await fc.assert(
      fc.asyncProperty(requestOf(operation), world, async (request, now) => {
        arrange(behind, now);
        const begun = performance.now();
        const answer = await rawCall(behind.port, { ...request, agent }, operation.path === '/v1/events');
        if (operation.method === 'get') pollTimes.push(performance.now() - begun);
        if (answer === 'closed') {
          expect(operation.unanswered).toBeDefined();
          expect(now.hasMachine).toBe(false);
          return;
        }
        expect(faultOf(operation, answer)).toBeUndefined();
        expect(behind.gateway?.log.join('') ?? '').not.toContain('"UNEXPECTED"');
      }),
      { numRuns: runs },
    );
  });

  test('a poll, the answer comes within 50 ms', () => {
    const p99 = pollTimes.toSorted((a, b) => a - b)[Math.floor(pollTimes.length * 0.99)];
    expect(pollTimes.length).toBeGreaterThan(runs * 15);
    expect(p99).toBeLessThan(50);
  });
});

/** Left to refusals.test.ts and to the inspection's own tests (421), and the thirty-third reader of the journal. */
const isSeenElsewhere = ({ path, answers: listed }: Operation, status: number): boolean =>
  [401, 403, 413, 421].includes(status) ||
  listed[status]?.description === 'The request cannot be read.' ||
  (path === '/v1/events' && status === 503);

describe('no status is listed that never comes', () => {
  test.each(named)('from %s', async (_name, operation) => {
    const [listener = 'shared'] = operation.listeners;
    const behind = served.get(listener);
    if (behind === undefined) throw new Error(`no ${listener}`);
    const statuses = new Set<number>();
    const cases = fc.sample(fc.tuple(requestOf(operation), world), { numRuns: 300, seed: 1 });
    const expected = Object.keys(operation.answers)
      .map(Number)
      .filter((status) => !isSeenElsewhere(operation, status));
    for (const [request, now] of cases) {
      arrange(behind, now);
      const answer = await rawCall(behind.port, { ...request, agent }, operation.path === '/v1/events');
      if (answer !== 'closed') statuses.add(answer.status);
      if (expected.every((status) => statuses.has(status))) break;
    }
    expect(expected.filter((status) => !statuses.has(status))).toEqual([]);
  });
});

const requestNames = Object.keys(requestSchemas) as RequestSchemaName[];

describe('a body that the document describes', () => {
  test.each(requestNames)('as %s is read by the route’s own schema', (name) => {
    fc.assert(
      fc.property(bodyOf(name), (body) => {
        const read = requestSchemas[name].safeParse(JSON.parse(JSON.stringify(body)));
        expect(read.error?.issues ?? []).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('an inference request', () => {
  test.each([
    ['chat', 'ChatRequest'],
    ['text', 'TextRequest'],
  ] as const)('(%s) is read by hand exactly as its schema says', (kind, name) => {
    const valid = bodyOf(name);
    const texts = fc.oneof(
      valid.map((value) => JSON.stringify(value)),
      mutatedJson(valid).map((value) => JSON.stringify(value)),
      brokenJson(valid),
    );
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(texts, (text) => {
        const isTaken = 'fields' in readInferenceRequest(kind, text);
        expect(isTaken).toBe(isRead(name, text));
        seen[isTaken ? 'taken' : 'refused'] += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(100);
  });
});

function isRead(name: RequestSchemaName, text: string): boolean {
  try {
    return requestSchemas[name].safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
