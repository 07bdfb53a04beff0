import { describe, expect, test } from 'vitest';
import { HybridError } from '../../../src/errors.ts';
import { answer, htmlPage, scriptedVast } from './scripted-vast.ts';

const { signal } = new AbortController();

describe('a destroy', () => {
  test.each([
    ['success', answer(200, { success: true, msg: 'x' }), 'accepted'],
    [
      'V37: 404 no_such_instance',
      answer(404, { success: false, error: 'no_such_instance' }),
      'no_such_instance',
    ],
    ['V37: 404 not_found', answer(404, { success: false, error: 'not_found', msg: '' }), 'no_such_instance'],
    [
      '200 with no_such_instance',
      answer(200, { success: false, error: 'no_such_instance' }),
      'no_such_instance',
    ],
  ])('answered with %s ends in absence', async (_, reply, result) => {
    const { vast, sent } = scriptedVast([reply]);
    expect(await vast.destroy(9, signal)).toBe(result);
    expect(sent[0]).toMatchObject({
      method: 'DELETE',
      url: 'https://vast.test/api/v0/instances/9/',
      body: '{}',
    });
  });

  test.each([
    [
      'V37: 404 auth_error',
      answer(404, { success: false, error: 'auth_error', msg: 'Invalid user key' }),
      'VAST_KEY_REFUSED',
    ],
    ['401', answer(401, {}), 'VAST_KEY_REFUSED'],
    ['403 not_authorized', answer(403, { error: 'not_authorized' }), 'VAST_KEY_REFUSED'],
    ['404 of some other server', answer(404, htmlPage), 'VAST_BAD_ANSWER'],
    ['success:false', answer(200, { success: false, msg: 'try later' }), 'VAST_BAD_ANSWER'],
    [
      '500',
      answer(500, { success: false, error: 'server_error', msg: 'host not found' }),
      'VAST_UNREACHABLE',
    ],
    ['V54: 502 as HTML', answer(502, htmlPage), 'VAST_UNREACHABLE'],
    ['429', answer(429, { success: false, error: 'rate_limit_exceeded' }), 'VAST_RATE_LIMITED'],
    ['no answer', new HybridError({ code: 'WIRE_TIMEOUT', message: 'x' }), 'VAST_UNREACHABLE'],
  ])('answered with %s proves nothing', async (_, reply, code) => {
    await expect(scriptedVast([reply]).vast.destroy(9, signal)).rejects.toMatchObject({ code });
  });
});

describe('the SSH key of the account', () => {
  const key = 'ssh-ed25519 AAAA me';
  test('404 means that there is none yet', async () => {
    const { vast, sent } = scriptedVast([
      answer(404, { error: 'not_found' }),
      answer(200, { success: true }),
    ]);
    await vast.ensureSshKey(`${key}\n`, signal);
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect(JSON.parse(String(sent[1]?.body))).toEqual({ ssh_key: key });
  });
  test('a refused key is not an empty list', async () => {
    const { vast } = scriptedVast([answer(404, { error: 'auth_error' })]);
    await expect(vast.ensureSshKey(key, signal)).rejects.toMatchObject({ code: 'VAST_KEY_REFUSED' });
  });
  test('adding what somebody else just added is a success', async () => {
    const duplicate = answer(400, { success: false, error: 'duplicate_ssh_key', msg: 'already exists' });
    const { vast, sent } = scriptedVast([answer(200, []), duplicate]);
    await vast.ensureSshKey(key, signal);
    expect(sent).toHaveLength(2);
  });
});

describe('the account', () => {
  test.each([
    ['credit', { email: 'a@b', credit: 12.5, balance: 0 }, { email: 'a@b', creditUsd: 12.5 }],
    ['credit as a string', { email: 'a@b', credit: '12.5' }, { email: 'a@b', creditUsd: 12.5 }],
    ['the balance where credit is missing', { email: null, balance: 3 }, { email: '', creditUsd: 3 }],
  ])('reads %s', async (_, body, expected) => {
    expect(await scriptedVast([answer(200, body)]).vast.account(signal)).toEqual(expected);
  });
  test('without any figure it is some other service', async () => {
    await expect(scriptedVast([answer(200, { ok: 1 })]).vast.account(signal)).rejects.toMatchObject({
      code: 'VAST_BAD_ANSWER',
    });
  });
});
