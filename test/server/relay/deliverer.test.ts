import { describe, expect, test } from 'vitest';
import { HybridError, type ErrorCode } from '../../../src/errors.ts';
import { Deliverer } from '../../../src/server/relay/deliverer.ts';
import type { RelayEvent } from '../../../src/server/relay/relay-event.ts';
import { blockHeight, unixMs } from '../../../src/units.ts';
import { MemoryOutbox } from '../../support/memory-outbox.ts';
import { settle, VirtualClock } from '../../../src/runtime/virtual-clock.ts';

type Answer = 'ok' | ErrorCode | Promise<void>;

function rig(answer: (body: string) => Answer = () => 'ok') {
  const clock = new VirtualClock(1_000_000);
  const outbox = new MemoryOutbox();
  const events: RelayEvent[] = [];
  const posted: string[] = [];
  const state = { height: 100, inFlight: 0, mostInFlight: 0, signals: [] as AbortSignal[] };
  const deliverer = new Deliverer({
    outbox,
    clock,
    height: () => blockHeight(state.height),
    onEvent: (event) => events.push(event),
    networkNode: {
      async deliver({ url, body }, signal) {
        posted.push(`${new URL(url).port} ${body.toString()}`);
        state.signals.push(signal);
        state.inFlight += 1;
        state.mostInFlight = Math.max(state.mostInFlight, state.inFlight);
        try {
          await settle();
          const outcome = answer(body.toString());
          if (typeof outcome === 'object') await outcome;
          else if (outcome !== 'ok') throw new HybridError({ code: outcome, message: 'not taken' });
        } finally {
          state.inFlight -= 1;
        }
      },
    },
  });
  const put = (body: string, port = 9100): void => {
    outbox.put({
      leaseId: 'lease-1',
      kind: 'generated',
      url: `http://127.0.0.1:${port}/v1/poc-batches/generated`,
      body: Buffer.from(body),
      receivedAt: unixMs(0),
      windowEndHeight: blockHeight(165),
      nonceCount: 2,
    });
    deliverer.wake();
  };
  const types = (): string[] => events.map((event) => event.type);
  return { clock, outbox, events, posted, state, deliverer, put, types };
}

/** A few turns of the loop: the delivery above takes one for each callback. */
const turns = async (count = 30): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await settle();
};

describe('the deliverer', () => {
  test('begins with the oldest, has four under way at most, and then rests without a timer', async () => {
    const { put, posted, outbox, state, clock, types } = rig();
    const bodies = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const body of bodies) put(body);
    await turns();
    expect(posted).toEqual(bodies.map((body) => `9100 ${body}`));
    expect(state.mostInFlight).toBeLessThanOrEqual(4);
    expect(state.mostInFlight).toBeGreaterThan(1);
    expect(outbox.totals()).toEqual({ queued: 0, delivered: 6, refused: 0, expired: 0 });
    expect(types()).toEqual(bodies.map(() => 'delivered'));
    expect(clock.pending).toBe(0);
  });

  test('works on several targets at once', async () => {
    const { put, state, outbox } = rig();
    put('a', 9100);
    put('b', 9101);
    await turns();
    expect(state.mostInFlight).toBe(2);
    expect(outbox.totals().delivered).toBe(2);
  });

  test('delivers what a former process left behind', async () => {
    const { outbox, deliverer, posted } = rig();
    outbox.put({
      leaseId: 'lease-0',
      kind: 'validated',
      url: 'https://node:9100/x',
      body: Buffer.from('old'),
      receivedAt: unixMs(0),
      windowEndHeight: blockHeight(165),
      nonceCount: 0,
    });
    deliverer.wake();
    await turns();
    expect(posted).toEqual(['9100 old']);
  });

  test('tries again after 1, 2, 4, 8 and then every 15 seconds until it is taken', async () => {
    let isUp = false;
    const { put, posted, clock, outbox, types } = rig(() => (isUp ? 'ok' : 'CALLBACK_NOT_TAKEN'));
    put('a');
    await turns();
    const after: number[] = [];
    for (const seconds of [1, 2, 4, 8, 15, 15]) {
      await clock.advanceBy(seconds * 1_000 - 1);
      await turns();
      const before = posted.length;
      await clock.advanceBy(1);
      await turns();
      after.push(posted.length - before);
    }
    expect(after).toEqual([1, 1, 1, 1, 1, 1]);
    expect(posted).toHaveLength(7);
    isUp = true;
    await clock.advanceBy(15_000);
    await turns();
    expect(outbox.totals()).toMatchObject({ queued: 0, delivered: 1 });
    expect(types().filter((type) => type === 'deferred')).toHaveLength(7);
    expect(clock.pending).toBe(0);
  });

  test('lets one callback that is never taken not hold back the others', async () => {
    const { put, clock, outbox } = rig((body) => (body === 'poison' ? 'CALLBACK_NOT_TAKEN' : 'ok'));
    put('poison');
    await turns();
    for (const body of ['a', 'b', 'c']) put(body);
    await clock.advanceBy(1_000);
    await turns();
    expect(outbox.totals()).toMatchObject({ queued: 1, delivered: 3 });
  });

  test('gives up a callback that the Network Node refuses for good', async () => {
    const { put, outbox, events, clock } = rig(() => 'CALLBACK_REFUSED');
    put('a');
    await turns();
    expect(outbox.totals()).toMatchObject({ queued: 0, refused: 1 });
    expect(events).toEqual([
      {
        type: 'refused',
        leaseId: 'lease-1',
        id: 1,
        kind: 'generated',
        nonceCount: 2,
        code: 'CALLBACK_REFUSED',
      },
    ]);
    expect(clock.pending).toBe(0);
  });

  test('tries up to the last height of the window and expires the callback beyond it', async () => {
    const { put, outbox, clock, posted, state, types } = rig(() => 'CALLBACK_NOT_TAKEN');
    put('a');
    state.height = 165;
    await turns();
    await clock.advanceBy(1_000);
    await turns();
    expect(posted).toHaveLength(2);
    state.height = 166;
    await clock.advanceBy(2_000);
    await turns();
    expect(posted).toHaveLength(2);
    expect(outbox.totals()).toMatchObject({ queued: 0, expired: 1 });
    expect(types().at(-1)).toBe('expired');
  });

  test('does not send a callback again because the store could not note its delivery', async () => {
    const fixture = rig();
    const { put, outbox, posted, clock, types } = fixture;
    outbox.finish = () => {
      throw new HybridError({ code: 'STORE_BROKEN', message: 'disk full' });
    };
    put('a');
    await turns();
    Reflect.deleteProperty(outbox, 'finish');
    await clock.advanceBy(1_000);
    await turns();
    expect(posted).toEqual(['9100 a']);
    expect(outbox.totals()).toMatchObject({ queued: 0, delivered: 1 });
    expect(types()).toEqual(['delivered']);
  });

  test('waits for the delivery in flight when it stops, and starts no other', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { put, deliverer, outbox, posted } = rig(() => promise);
    put('a');
    put('b');
    await turns(3);
    const stopped = deliverer.stop(5_000);
    resolve();
    await stopped;
    expect(posted).toEqual(['9100 a']);
    expect(outbox.totals()).toMatchObject({ queued: 1, delivered: 1 });
    deliverer.wake();
    await turns();
    expect(posted).toHaveLength(1);
  });

  test('gives up a delivery that hangs beyond the limit of the stop', async () => {
    const { put, deliverer, outbox, state } = rig(() => new Promise(() => undefined));
    put('a');
    await turns(3);
    await deliverer.stop(5);
    expect(state.signals[0]?.aborted).toBe(true);
    expect(outbox.totals().queued).toBe(1);
  });
});
