import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/secret.ts';
import type { Listener, Operation } from '../../../src/server/openapi/operation.ts';
import { operations } from '../../../src/server/openapi/operations.ts';
import { type RawAnswer, rawCall } from '../raw-call.ts';
import { faultOf } from './answer-check.ts';
import { type ServedCase, servedCase } from './served-case.ts';

const token = new Secret('token-of-the-app');
const access = {
  from: [],
  managementFrom: [],
  tokens: [{ name: 'app', token }],
  managementCallers: [],
};
const guarded = new Map<Listener, ServedCase>();
const open = new Map<Listener, ServedCase>();
beforeAll(async () => {
  for (const listener of ['shared', 'management', 'inference', 'inspection'] as const) {
    guarded.set(listener, await servedCase(listener, { access, token }));
    open.set(listener, await servedCase(listener));
  }
});
afterAll(async () => {
  for (const { app } of [...guarded.values(), ...open.values()]) await app.close();
});

/** On every listener that has the operation. */
async function askEverywhere(
  cases: ReadonlyMap<Listener, ServedCase>,
  operation: Operation,
  headers: Record<string, string>,
): Promise<Exclude<RawAnswer, 'closed'>[]> {
  const told = await Promise.all(
    operation.listeners.map((listener) =>
      rawCall(cases.get(listener)?.port ?? 0, {
        method: operation.method.toUpperCase(),
        path: operation.path.replaceAll(/\{\w+\}/g, 'x'),
        headers,
      }),
    ),
  );
  return told.map((answer) => {
    if (answer === 'closed') throw new Error('no answer');
    return answer;
  });
}

const named = (which: (operation: Operation) => boolean): [string, Operation][] =>
  operations
    .filter(which)
    .map((each) => [`${each.method.toUpperCase()} ${each.path} (${each.listeners.join(', ')})`, each]);

describe('without a token, from an address that may not call', () => {
  test.each(named(({ half }) => half !== 'open'))(
    '%s is 401, as the document says',
    async (_name, operation) => {
      for (const answer of await askEverywhere(guarded, operation, {})) {
        expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
        expect(faultOf(operation, answer)).toBeUndefined();
      }
    },
  );
});

describe('with a token for inference only', () => {
  const authorization = `Bearer ${token.reveal()}`;
  test.each(named(({ half }) => half === 'management'))('%s is 403', async (_name, operation) => {
    for (const answer of await askEverywhere(guarded, operation, { authorization })) {
      expect(answer.status).toBe(403);
      expect(faultOf(operation, answer)).toBeUndefined();
    }
  });

  test.each(named(({ half }) => half === 'inference'))('%s is let in', async (_name, operation) => {
    for (const answer of await askEverywhere(guarded, operation, { authorization })) {
      expect(answer.status).not.toBe(401);
      expect(faultOf(operation, answer)).toBeUndefined();
    }
  });
});

describe('a body beyond every limit', () => {
  const tooLong = { 'content-length': String(33 * 1024 * 1024) };
  test.each(named(({ method }) => method !== 'get'))(
    '%s is 413 before it is read',
    async (_name, operation) => {
      for (const answer of await askEverywhere(open, operation, tooLong)) {
        expect(answer.status).toBe(413);
        expect(faultOf(operation, answer)).toBeUndefined();
      }
    },
  );
});

describe('the check of an answer', () => {
  const state = operations.find(({ path }) => path === '/api/v1/state');
  if (state === undefined) throw new Error('no such operation');
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const body = {
    version: '1',
    state: 'STOPPED',
    poc_status: null,
    inference_healthy: null,
    loaded_model: null,
    poc_validation_inference: false,
  };
  const check = (status: number, told: unknown, type = headers['content-type']): string | undefined =>
    faultOf(state, {
      status,
      headers: { 'content-type': type },
      body: typeof told === 'string' ? told : JSON.stringify(told),
    });

  test('lets the right one through', () => {
    expect(check(200, body)).toBeUndefined();
  });

  test.each([
    ['an unlisted status', 409, body, /not listed/],
    ['a field too many', 200, { ...body, more: 1 }, /is no State/],
    ['a field too few', 200, { ...body, version: undefined }, /is no State/],
    ['another value', 200, { ...body, state: 'TRAIN' }, /is no State/],
    ['no JSON', 200, '{', /is no JSON/],
    ['the shape of another status', 401, body, /is no Detail/],
  ])('refuses %s', (_what, status, told, fault) => {
    expect(check(status, told)).toMatch(fault);
  });

  test('refuses another content type', () => {
    expect(check(200, body, 'text/html')).toMatch(/not listed as text\/html/);
  });
});
