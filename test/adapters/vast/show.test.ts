import { describe, expect, test } from 'vitest';
import { HybridError } from '../../../src/errors.ts';
import { answer, htmlPage, scriptedVast } from './scripted-vast.ts';

const { signal } = new AbortController();

describe('an instance that is asked for by its id', () => {
  test.each([
    ['null in place of the row', answer(200, { instances: null })],
    ['404 no_such_instance', answer(404, { success: false, error: 'no_such_instance' })],
  ])('is gone by %s', async (_, reply) => {
    const { vast, sent } = scriptedVast([reply]);
    expect(await vast.show(9, signal)).toBeNull();
    expect(sent[0]).toMatchObject({ method: 'GET', url: 'https://vast.test/api/v0/instances/9/' });
  });

  test.each([
    ['an object', { id: 9, label: 'x' }],
    ['an array of one', [{ id: 9, label: 'x' }]],
  ])('is there as %s under the plural key', async (_, instances) => {
    const { vast } = scriptedVast([answer(200, { instances })]);
    expect(await vast.show(9, signal)).toMatchObject({ instanceId: 9, label: 'x' });
  });

  test.each([
    ['404 auth_error', answer(404, { success: false, error: 'auth_error' }), 'VAST_KEY_REFUSED'],
    ['404 of some other server', answer(404, htmlPage), 'VAST_BAD_ANSWER'],
    ['404 of a route that is not there', answer(404, { detail: 'Not Found' }), 'VAST_BAD_ANSWER'],
    ['404 not_found', answer(404, { success: false, error: 'not_found' }), 'VAST_BAD_ANSWER'],
    ['an object without the key', answer(200, {}), 'VAST_BAD_ANSWER'],
    ['an empty array', answer(200, { instances: [] }), 'VAST_BAD_ANSWER'],
    ['JSON null', answer(200, null), 'VAST_BAD_ANSWER'],
    ['success:false', answer(200, { success: false, instances: null }), 'VAST_BAD_ANSWER'],
    ['502 as HTML', answer(502, htmlPage), 'VAST_UNREACHABLE'],
    ['no answer', new HybridError({ code: 'WIRE_TIMEOUT', message: 'x' }), 'VAST_UNREACHABLE'],
  ])('is unknown after %s', async (_, reply, code) => {
    await expect(scriptedVast([reply]).vast.show(9, signal)).rejects.toMatchObject({ code });
  });
});
