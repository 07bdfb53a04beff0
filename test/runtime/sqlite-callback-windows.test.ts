import { describe, expect, it, onTestFinished } from 'vitest';
import type { OutboxOutcome } from '../../src/runtime/outbox.ts';
import {
  type CallbackSample,
  createSqliteCallbackSamples,
} from '../../src/runtime/sqlite-callback-samples.ts';
import { createSqliteCallbackWindows } from '../../src/runtime/sqlite-callback-windows.ts';
import { createSqliteOutbox } from '../../src/runtime/sqlite-outbox.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { blockHeight, unixMs } from '../../src/units.ts';

function opened() {
  const store = openSqliteStore(':memory:');
  onTestFinished(() => store.close());
  const outbox = createSqliteOutbox(store.database);
  const put = (windowEndHeight: number, receivedAt = 5): number =>
    outbox.put({
      leaseId: 'l',
      kind: 'generated',
      url: 'http://127.0.0.1:9100/v1/poc-batches/generated',
      body: Buffer.from('x'),
      receivedAt: unixMs(receivedAt),
      windowEndHeight: blockHeight(windowEndHeight),
      nonceCount: 3,
    }).id;
  const finished = (windowEndHeight: number, outcome: OutboxOutcome): void =>
    outbox.finish(put(windowEndHeight), outcome);
  return {
    put,
    finished,
    windows: createSqliteCallbackWindows(store.database),
    samples: createSqliteCallbackSamples(store.database),
  };
}

describe('the windows of the outbox', () => {
  it('are empty at first', () => {
    const { windows } = opened();
    expect(windows.waiting()).toEqual([]);
    expect(windows.lostSince(0)).toEqual([]);
    expect(windows.nonces()).toEqual({ delivered: 0, refused: 0, expired: 0 });
  });

  it('say what waits for the end of each, and since when', () => {
    const { put, windows } = opened();
    for (const [height, at] of [
      [70, 9],
      [70, 8],
      [99, 10],
    ] as const)
      put(height, at);
    expect(windows.waiting()).toEqual([
      { windowEndHeight: 70, callbacks: 2, oldestAt: 8 },
      { windowEndHeight: 99, callbacks: 1, oldestAt: 10 },
    ]);
  });

  it('say what was lost in those that ended after a height, and count nonces over all', () => {
    const { finished, windows } = opened();
    for (const outcome of ['delivered', 'refused', 'expired', 'expired'] as const) finished(70, outcome);
    finished(99, 'refused');
    finished(120, 'delivered');
    expect(windows.lostSince(69)).toEqual([
      { windowEndHeight: 70, refused: 1, expired: 2 },
      { windowEndHeight: 99, refused: 1, expired: 0 },
    ]);
    expect(windows.lostSince(70)).toEqual([{ windowEndHeight: 99, refused: 1, expired: 0 }]);
    expect(windows.nonces()).toEqual({ delivered: 6, refused: 6, expired: 6 });
  });
});

describe('the series of the relay', () => {
  const sample = (at: number, windowEndHeight = 70): CallbackSample => ({
    windowEndHeight,
    at,
    kind: 'generated',
    queuedCallbacks: 1,
    queuedNonces: 2,
    deliveredCallbacks: 3,
    deliveredNonces: 4,
    undeliverableCallbacks: 5,
    undeliverableNonces: 6,
  });

  it('is kept by window, the oldest first', () => {
    const { samples } = opened();
    samples.add([sample(20), sample(10.4), sample(15, 99)]);
    expect(samples.ofWindow(70)).toEqual([sample(10), sample(20)]);
    expect(samples.ofWindow(99)).toEqual([sample(15, 99)]);
    expect(samples.ofWindow(1)).toEqual([]);
  });

  it('is forgotten after half a year', () => {
    const { samples } = opened();
    const halfYearMs = 180 * 86_400_000;
    samples.add([sample(10), sample(11)]);
    samples.add([sample(11 + halfYearMs, 99)]);
    expect(samples.ofWindow(70)).toEqual([sample(11)]);
  });

  it('knows what has left the outbox for a window', () => {
    const { finished, samples } = opened();
    for (const outcome of ['delivered', 'delivered', 'expired'] as const) finished(70, outcome);
    finished(99, 'refused');
    expect(samples.outcomes(70)).toEqual([
      { outcome: 'delivered', callbacks: 2, nonces: 6 },
      { outcome: 'expired', callbacks: 1, nonces: 3 },
    ]);
  });
});
