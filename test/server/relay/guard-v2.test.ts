import { describe, expect, test } from 'vitest';
import type { PocV2Job, RunningPocV2 } from '../../../src/machines/poc-v2-context.ts';
import { type AskedV2, judgeV2 } from '../../../src/server/relay/guard-v2.ts';
import { receiveV2 } from '../../../src/server/relay/receiver-v2.ts';
import type { RelayEvent } from '../../../src/server/relay/relay-event.ts';
import { blockHeight, unixMs } from '../../../src/units.ts';
import { MemoryOutbox } from '../../support/memory-outbox.ts';

const path = '/v2/poc-batches/MiniMaxAI%252FMiniMax-M2.7';
const init: RunningPocV2 = {
  leaseId: 'A',
  initBody: '{}',
  model: 'MiniMaxAI/MiniMax-M2.7',
  blockHash: 'AB',
  blockHeight: 1_000,
  publicKey: '02ff',
  nodeId: 1,
  nodeCount: 3,
  callbackOrigin: 'http://api:9100',
  callbackPath: path,
};
const job: PocV2Job = {
  leaseId: 'A',
  publicKey: '03aa',
  blockHash: 'AB',
  blockHeight: 1_000,
  callbackOrigin: 'http://api:9100',
  callbackPath: path,
  nonceCount: 2,
  isAnswered: false,
};
const asked: AskedV2 = { init, jobs: [job] };
const vector = 'A'.repeat(32);
const artifacts = (change: object = {}): object => ({
  public_key: '02ff',
  block_hash: 'AB',
  block_height: 1_000,
  node_id: 1,
  artifacts: [1, 4, 7].map((nonce) => ({ nonce, vector_b64: vector })),
  encoding: { dtype: 'f16', k_dim: 12, endian: 'le' },
  ...change,
});
const verdict = (change: object = {}): object => ({
  request_id: '5001:x',
  block_hash: 'AB',
  block_height: 1_000,
  public_key: '03aa',
  node_id: 1,
  n_total: 2,
  n_mismatch: 0,
  mismatch_nonces: [],
  p_value: 1,
  fraud_detected: false,
  ...change,
});
const judged = (kind: string, body: unknown, of = asked, method = 'POST') =>
  judgeV2({ method, path: kind, text: typeof body === 'string' ? body : JSON.stringify(body) }, of);
const one = (nonce: unknown): object => artifacts({ artifacts: [{ nonce, vector_b64: vector }] });

describe('what a machine may post of PoC v2', () => {
  test('are artifacts of the running init, in the class of the node, counted as nonces', () => {
    const twice = artifacts({ artifacts: [4, 4, 7].map((nonce) => ({ nonce, vector_b64: vector })) });
    expect(judged(`${path}/generated`, artifacts())).toMatchObject({
      ok: true,
      kind: 'generated',
      nonceCount: 3,
    });
    expect(judged(`${path}/generated`, twice)).toMatchObject({ nonceCount: 2, origin: 'http://api:9100' });
  });

  test('are verdicts on what was posted to it, after a stop too', () => {
    const key = { publicKey: '03aa', blockHeight: 1_000, callbackPath: path };
    for (const of of [asked, { init: null, jobs: [job] }])
      expect(judged(`${path}/validated`, verdict(), of)).toMatchObject({ ok: true, nonceCount: 2, job: key });
  });

  test.each<[string, string, unknown, AskedV2?]>([
    ['shape', 'generated', artifacts({ artifacts: [{ nonce: 1, vector_b64: 'no base64!' }] })],
    ['shape', 'generated', one(-2)],
    ['shape', 'generated', one(2 ** 31)],
    ['block_hash', 'generated', artifacts({ block_hash: 'CD' })],
    ['block_height', 'generated', artifacts({ block_height: 1_001 })],
    ['public_key', 'generated', artifacts({ public_key: '03aa' })],
    ['node_id', 'generated', artifacts({ node_id: 2 })],
    ['nonce_class', 'generated', one(3)],
    ['nonce_class', 'generated', one(0)],
    ['not_json', 'generated', '{"public'],
    ['batch_unknown', 'validated', verdict({ public_key: '04bb' })],
    ['batch_unknown', 'validated', verdict({ block_height: 999 })],
    ['batch_unknown', 'validated', verdict({ n_total: 3 })],
    ['batch_unknown', 'validated', verdict({ n_mismatch: 3 })],
    ['block_hash', 'validated', verdict({ block_hash: 'CD' })],
    ['shape', 'validated', verdict({ fraud_detected: 'no' })],
    ['path', 'validated', verdict(), { init, jobs: [] }],
    ['path', 'else', artifacts()],
  ])('is not: %s in %s', (reason, kind, body, of) => {
    expect(judged(`${path}/${kind}`, body, of)).toEqual({ ok: false, reason });
  });

  test('is not another model’s path, nor one that was decoded on the way', () => {
    for (const other of ['/v2/poc-batches/MiniMaxAI%2FMiniMax-M2.7', '/v2/poc-batches', '/v1/poc-batches'])
      expect(judged(`${other}/generated`, artifacts())).toEqual({ ok: false, reason: 'path' });
    expect(judged(`${path}/generated`, artifacts(), asked, 'PUT')).toEqual({ ok: false, reason: 'method' });
  });
});

describe('the relay takes it', () => {
  function rig(height = 1_010) {
    const outbox = new MemoryOutbox();
    const events: RelayEvent[] = [];
    const verdicts: unknown[] = [];
    const post = (kind: string, body: object) =>
      receiveV2(
        {
          askedOf: () => asked,
          windowEndOf: (_stage, of) => blockHeight(of === 'generated' ? 1_035 : 1_280),
          height: () => blockHeight(height),
          onVerdict: (of) => void verdicts.push(of),
        },
        {
          outbox,
          now: () => unixMs(5),
          onQueued: () => undefined,
          onEvent: (event) => void events.push(event),
        },
        'A',
        { method: 'POST', path: kind, headers: {}, body: Buffer.from(JSON.stringify(body)) },
      );
    return { outbox, events, verdicts, post };
  }

  test('byte for byte, to exactly the path that the machine posted to', () => {
    const { outbox, post } = rig();
    expect(post(`${path}/generated`, artifacts())).toEqual({ status: 200, body: '' });
    const [entry] = outbox.pending(1);
    expect(entry).toMatchObject({
      url: `http://api:9100${path}/generated`,
      kind: 'generated',
      windowEndHeight: 1_035,
      nonceCount: 3,
    });
    expect(entry?.body.toString()).toBe(JSON.stringify(artifacts()));
  });

  test('with 200 only when it is stored, and tells of a verdict only then', () => {
    const { outbox, post, verdicts } = rig();
    outbox.isBroken = true;
    expect(post(`${path}/validated`, verdict())).toEqual({ status: 503, body: '' });
    expect(verdicts).toEqual([]);
    outbox.isBroken = false;
    expect(post(`${path}/validated`, verdict())?.status).toBe(200);
    expect(verdicts).toHaveLength(1);
  });

  test('no more once the window is closed: the machine keeps it, as the Network Node would have it', () => {
    const { outbox, post, events } = rig(1_036);
    expect(post(`${path}/generated`, artifacts())?.status).toBe(503);
    expect(post(`${path}/validated`, verdict())?.status).toBe(200);
    expect(outbox.totals().queued).toBe(1);
    expect(events.map(({ type }) => type)).toEqual(['queued']);
  });

  test('and refuses with 400 what nobody asked for; paths of v1 are none of its business', () => {
    const { post, events } = rig();
    expect(post(`${path}/generated`, artifacts({ node_id: 9 }))?.status).toBe(400);
    expect(events).toMatchObject([{ type: 'foreign', reason: 'node_id' }]);
    expect(post('/v1/poc-batches/generated', artifacts())).toBeUndefined();
  });
});
