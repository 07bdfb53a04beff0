import { describe, expect, test } from 'vitest';
import type { ReverseRequest } from '../../../src/adapters/ssh/interface.ts';
import { createReceiver, type RelayedCalls } from '../../../src/server/relay/receiver.ts';
import type { RelayEvent } from '../../../src/server/relay/relay-event.ts';
import { blockHeight, unixMs } from '../../../src/units.ts';
import { MemoryOutbox } from '../../support/memory-outbox.ts';
import { asked, generatedBody, validatedBody } from './asked-case.ts';

function relay(calls: RelayedCalls | null = asked, outbox = new MemoryOutbox()) {
  const events: RelayEvent[] = [];
  let woken = 0;
  const receive = createReceiver({
    outbox,
    askedOf: (leaseId) => (leaseId === 'lease-1' ? calls : null),
    windowEndOf: (_leaseId, kind) => blockHeight(kind === 'generated' ? 165 : 290),
    now: () => unixMs(5_000),
    onQueued: () => {
      woken += 1;
    },
    onEvent: (event) => events.push(event),
    bodyBytesMax: 10_000,
  });
  return { receive, outbox, events, woken: () => woken };
}
const post = (body: string, kind = 'generated'): ReverseRequest => ({
  method: 'POST',
  path: `/v1/poc-batches/${kind}?model=a%252Fb`,
  headers: {},
  body: Buffer.from(body),
});

describe('the receiver', () => {
  test('queues before it answers 200, and wakes the deliverer', async () => {
    const { receive, outbox, events, woken } = relay();
    expect(await receive('lease-1')(post(validatedBody(), 'validated'))).toEqual({ status: 200, body: '' });
    expect(outbox.pending(9)).toEqual([
      {
        id: 1,
        attempts: 0,
        leaseId: 'lease-1',
        kind: 'validated',
        url: 'http://api:9100/v1/poc-batches/validated?model=a%252Fb',
        body: Buffer.from(validatedBody()),
        receivedAt: 5_000,
        windowEndHeight: 290,
        nonceCount: 3,
      },
    ]);
    expect(events).toEqual([{ type: 'queued', leaseId: 'lease-1', id: 1, kind: 'validated', nonceCount: 3 }]);
    expect(woken()).toBe(1);
  });

  test('leaves the bytes alone when the machine works under the number of the Network Node', async () => {
    const { receive, outbox } = relay({ ...asked, networkNodeId: 3 });
    const body =
      '{"nonces": [3], "dist": [1.0], "node_id": 3, "public_key": "02ff", "block_hash": "ABCDEF", "block_height": 2089140, "é": "\\u00e9"}';
    expect((await receive('lease-1')(post(body))).status).toBe(200);
    expect(outbox.pending(1)[0]?.body.toString()).toBe(body);
    expect(outbox.pending(1)[0]?.windowEndHeight).toBe(165);
  });

  test('restores the number of the Network Node and changes nothing else', async () => {
    const { receive, outbox } = relay();
    const body =
      '{"nonces": [3], "dist": [1.0], "node_id": 3, "public_key": "02ff", "block_hash": "ABCDEF", "block_height": 2089140, "é": "\\u00e9"}';
    expect((await receive('lease-1')(post(body))).status).toBe(200);
    expect(outbox.pending(1)[0]?.body.toString()).toBe(body.replace('"node_id": 3', '"node_id": 1'));
  });

  test('answers 400 to what nobody asked for, and says why', async () => {
    const { receive, outbox, events } = relay();
    expect((await receive('lease-1')(post(generatedBody({ nonces: [3, 7, 8] })))).status).toBe(400);
    expect((await receive('lease-2')(post(generatedBody()))).status).toBe(400);
    expect((await receive('lease-1')(post('x'.repeat(10_001)))).status).toBe(400);
    expect(events.map((event) => event.type === 'foreign' && event.reason)).toEqual([
      'nonce_class',
      'nothing_asked',
      'too_large',
    ]);
    expect(outbox.totals().queued).toBe(0);
  });

  test('answers 400 without an alert to the probe of qualification', async () => {
    const { receive, events } = relay({ ...asked, isProbeAllowed: true });
    expect((await receive('lease-1')(post('hybrid-mlnode probe'))).status).toBe(400);
    expect(events).toEqual([{ type: 'probed', leaseId: 'lease-1' }]);
  });

  test('answers 503 when the outbox is full or broken, so that the machine keeps the batch', async () => {
    const { receive, outbox, events, woken } = relay(asked, new MemoryOutbox(1));
    expect((await receive('lease-1')(post(generatedBody()))).status).toBe(200);
    expect((await receive('lease-1')(post(generatedBody()))).status).toBe(503);
    outbox.isBroken = true;
    expect((await receive('lease-1')(post(generatedBody()))).status).toBe(503);
    expect(events.map((event) => ('code' in event ? event.code : event.type))).toEqual([
      'queued',
      'RELAY_FULL',
      'STORE_BROKEN',
    ]);
    expect(woken()).toBe(1);
  });
});
