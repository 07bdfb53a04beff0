import { describe, expect, test } from 'vitest';
import { type Asked, judge } from '../../../src/server/relay/guard.ts';
import { asked, generatedBody, participantKey, validatedBody } from './asked-case.ts';

const generated = (text: string, by: Asked | null = asked, path = '/v1/poc-batches/generated') =>
  judge({ method: 'POST', path, text }, by);
const validated = (text: string, by: Asked | null = asked) =>
  judge({ method: 'POST', path: '/v1/poc-batches/validated', text }, by);
const refused = (reason: string) => ({ ok: false, reason });

describe('a generated callback', () => {
  test('passes when every field is what the init call said and the nonces are of the own class', () => {
    expect(generated(generatedBody())).toMatchObject({
      ok: true,
      kind: 'generated',
      nonceCount: 3,
      nodeId: 3,
    });
  });
  test('may carry a query behind its path', () => {
    expect(generated(generatedBody(), asked, '/v1/poc-batches/generated?x=%252F')).toMatchObject({
      ok: true,
    });
  });
  test('counts each nonce once', () => {
    expect(generated(generatedBody({ nonces: [3, 3, 7] }))).toMatchObject({ nonceCount: 2 });
  });
  test.each([
    ['block_hash', { block_hash: 'abcdef' }],
    ['block_height', { block_height: 2_089_141 }],
    ['public_key', { public_key: '03aa' }],
    ['node_id', { node_id: 1 }],
    ['nonce_class', { nonces: [3, 7, 8] }],
    ['shape', { nonces: [3, 7] }],
    ['shape', { nonces: [3, 7, -1] }],
    ['shape', { nonces: [3, 7, 11.5] }],
    ['shape', { nonces: '3' }],
    ['shape', { dist: undefined }],
  ])('is refused for its %s: %j', (reason, change) => {
    expect(generated(generatedBody(change))).toEqual(refused(reason));
  });
  test.each([
    '/v1/poc-batches/generated/',
    '/v1/poc-batches/generatedx',
    '/V1/poc-batches/generated',
    '//generated',
    '/admin/v1/nodes',
  ])('is refused on the path %s', (path) => {
    expect(generated(generatedBody(), asked, path)).toEqual(refused('path'));
  });
  test('is refused when the machine was asked for nothing', () => {
    expect(generated(generatedBody(), null)).toEqual(refused('nothing_asked'));
    expect(generated(generatedBody(), { ...asked, init: null })).toEqual(refused('nothing_asked'));
  });
  test('is refused with any method but POST', () => {
    const path = '/v1/poc-batches/generated';
    expect(judge({ method: 'PUT', path, text: generatedBody() }, asked)).toEqual(refused('method'));
  });
});

describe('a validated callback', () => {
  test('passes for a batch that was posted to this machine, in whatever order it comes back', () => {
    expect(validated(validatedBody())).toEqual({
      ok: true,
      kind: 'validated',
      nonceCount: 3,
      nodeId: 0,
      batch: { publicKey: participantKey, nonces: [4, 7, 10] },
    });
  });
  test.each([
    ['block_hash', { block_hash: '00' }],
    ['block_height', { block_height: 1 }],
    ['batch_unknown', { public_key: '02ff' }],
    ['batch_unknown', { nonces: [4, 7, 11] }],
    ['batch_unknown', { nonces: [4, 7], dist: [1, 1] }],
  ])('is refused for its %s: %j', (reason, change) => {
    expect(validated(validatedBody(change))).toEqual(refused(reason));
  });
});

describe('bytes that are no JSON', () => {
  test('are the probe of qualification while probing is allowed', () => {
    const probed: Asked = { ...asked, init: null, isProbeAllowed: true };
    expect(generated('hybrid-mlnode probe', probed)).toEqual(refused('probe'));
  });
  test('are foreign afterwards', () => {
    expect(generated('hybrid-mlnode probe')).toEqual(refused('not_json'));
    expect(generated('hybrid-mlnode probe', null)).toEqual(refused('not_json'));
  });
});
