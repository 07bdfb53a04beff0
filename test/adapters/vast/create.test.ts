import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { CreateRequest } from '../../../src/adapters/vast/index.ts';
import { HybridError, type ErrorCode } from '../../../src/errors.ts';
import { gigabytes } from '../../../src/units.ts';
import { answer, htmlPage, scriptedKey, scriptedVast } from './scripted-vast.ts';

const { signal } = new AbortController();
const request: CreateRequest = {
  offerId: 7,
  label: 'ghm:d1:01J:1',
  image: 'ghcr.io/org/mlnode:1.2.3',
  diskGb: gigabytes(80),
  onstart: 'start &',
  env: { MODEL: 'm', TOKEN: 'env-secret' },
};
const wire = (code: ErrorCode): HybridError => new HybridError({ code, message: 'PUT https://vast.test' });

describe('a create', () => {
  test('V25: sends env as an object without -p entries, both SSH ways in, and no stopped leftovers', async () => {
    const { vast, sent } = scriptedVast([answer(200, { success: true, new_contract: 42 })]);
    expect(await vast.create({ ...request, templateHashId: 'abc' }, signal)).toEqual({ instanceId: 42 });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ method: 'PUT', url: 'https://vast.test/api/v0/asks/7/' });
    expect(sent[0]?.headers).toMatchObject({
      authorization: `Bearer ${scriptedKey}`,
      'content-type': 'application/json',
    });
    expect(JSON.parse(String(sent[0]?.body))).toEqual({
      client_id: 'me',
      image: 'ghcr.io/org/mlnode:1.2.3',
      disk: 80,
      label: 'ghm:d1:01J:1',
      runtype: 'ssh_direc ssh_proxy',
      env: { MODEL: 'm', TOKEN: 'env-secret' },
      onstart: 'start &',
      target_state: 'running',
      cancel_unavail: true,
      template_hash_id: 'abc',
    });
  });

  test.each([
    ['success without an id', answer(200, { success: true }), 'VAST_CREATE_UNKNOWN', 'unknown-outcome'],
    ['200 that is no JSON', answer(200, htmlPage), 'VAST_CREATE_UNKNOWN', 'unknown-outcome'],
    [
      'V6: a failure with an id',
      answer(400, { success: false, new_contract: 5 }),
      'VAST_CREATE_UNKNOWN',
      'unknown-outcome',
    ],
    ['V54: an error page', answer(502, htmlPage), 'VAST_CREATE_UNKNOWN', 'unknown-outcome'],
    [
      'a server error',
      answer(500, { success: false, error: 'server_error' }),
      'VAST_CREATE_UNKNOWN',
      'unknown-outcome',
    ],
    ['V3: a lost answer', wire('WIRE_BROKEN'), 'VAST_CREATE_UNKNOWN', 'unknown-outcome'],
    ['V3: no answer in time', wire('WIRE_TIMEOUT'), 'VAST_CREATE_UNKNOWN', 'unknown-outcome'],
    ['an abort in flight', wire('ABORTED'), 'VAST_CREATE_UNKNOWN', 'unknown-outcome'],
    ['a connection that never was', wire('WIRE_REFUSED'), 'VAST_UNREACHABLE', 'retryable'],
    [
      'V1: 400 hiding no_such_ask',
      answer(400, { error: 'invalid_args', msg: 'error 400/1: no_such_ask x' }),
      'VAST_OFFER_GONE',
      'terminal',
    ],
    [
      '404 no_such_ask',
      answer(404, { error: 'no_such_ask', msg: 'error 404/3603: no_such_ask' }),
      'VAST_OFFER_GONE',
      'terminal',
    ],
    ['410', answer(410, { msg: 'error 410/3907' }), 'VAST_OFFER_GONE', 'terminal'],
    [
      '200 with success:false',
      answer(200, { success: false, msg: 'no_such_ask' }),
      'VAST_OFFER_GONE',
      'terminal',
    ],
    ['another refusal', answer(400, { error: 'invalid_price' }), 'VAST_CREATE_REFUSED', 'terminal'],
    ['no credit', answer(400, { error: 'insufficient_credit' }), 'VAST_NO_CREDIT', 'operator'],
    ['no credit as 403', answer(403, { error: 'insufficient_credit' }), 'VAST_NO_CREDIT', 'operator'],
    ['a spend limit', answer(400, { error: 'spend_rate_limit' }), 'VAST_NO_CREDIT', 'operator'],
    [
      'hosts may not rent',
      answer(403, { error: 'forbidden', msg: 'error 403/3586 hosts' }),
      'VAST_CREATE_REFUSED',
      'operator',
    ],
    ['a redirect', answer(308, ''), 'VAST_CREATE_REFUSED', 'operator'],
    [
      'a bad key as 404',
      answer(404, { error: 'auth_error', msg: 'Invalid user key' }),
      'VAST_KEY_REFUSED',
      'operator',
    ],
    ['a bad key as 401', answer(401, { error: 'auth_error' }), 'VAST_KEY_REFUSED', 'operator'],
    ['429 as text', answer(429, 'API requests too frequent'), 'VAST_RATE_LIMITED', 'retryable'],
    ['429 in a 400', answer(400, { error: 'rate_limit_exceeded' }), 'VAST_RATE_LIMITED', 'retryable'],
  ])('answered with %s ends as it must', async (_, reply, code, retryClass) => {
    const { vast, sent } = scriptedVast([reply]);
    const error: unknown = await vast.create(request, signal).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, class: retryClass });
    expect(sent).toHaveLength(1);
    const printed = inspect(error, { depth: 9 });
    expect(printed).not.toContain(scriptedKey);
    expect(printed).not.toContain('env-secret');
  });

  test('is never sent when its caller gave up while it waited for its turn', async () => {
    const { vast, sent } = scriptedVast([]);
    const error: unknown = await vast.create(request, AbortSignal.abort()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ABORTED' });
    expect(sent).toEqual([]);
  });

  test.each([
    ['label', { label: 'x'.repeat(257) }],
    ['onstart', { onstart: 'é'.repeat(2049) }],
    ['image', { image: 'x'.repeat(1025) }],
    ['disk', { diskGb: gigabytes(7) }],
    ['env X', { env: { X: 'x'.repeat(256) } }],
    ['env must not carry docker flags (-p 8080:8080)', { env: { '-p 8080:8080': '1' } }],
  ])('that the API would cut or refuse names what is wrong: %s', async (field, change) => {
    const { vast, sent } = scriptedVast([]);
    const error: unknown = await vast
      .create({ ...request, ...change }, signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'VAST_CREATE_REFUSED', class: 'operator' });
    expect((error as Error).message).toContain(field);
    expect(sent).toEqual([]);
  });

  test('a provider that repeats the key in its message does not get it into the error', async () => {
    const { vast } = scriptedVast([
      answer(401, { error: 'auth_error', msg: `Invalid user key ${scriptedKey}` }),
    ]);
    const error: unknown = await vast.create(request, signal).catch((thrown: unknown) => thrown);
    expect((error as Error).message).toContain('Invalid user key [redacted]');
  });
});
