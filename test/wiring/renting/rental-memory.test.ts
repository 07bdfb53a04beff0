import { describe, expect, it } from 'vitest';
import type { LeaseContext } from '../../../src/machines/lease-context.ts';
import type { BootRecord } from '../../../src/policy/boot-model.ts';
import type { JournalEntry } from '../../../src/runtime/interface.ts';
import type { RentalTable } from '../../../src/runtime/sqlite-rentals.ts';
import { microUsdPerHour, unixMs } from '../../../src/units.ts';
import { createRentalMemory, type RentalMemory } from '../../../src/wiring/renting/rental-memory.ts';

const openedAt = 1_800_000_000_000;
const at = (seconds: number) => unixMs(openedAt + 1_000 * seconds);
const context = {
  leaseId: 'A',
  owner: 'epoch:1',
  instanceId: 7,
  openedAt: at(0),
  ownedSince: null,
  runningAt: null,
  readyAt: null,
  fault: null,
  offer: {
    machineId: 70,
    gpuName: 'L40S',
    gpuCount: 1,
    gpuPrice: microUsdPerHour(400_000),
    diskPrice: microUsdPerHour(10_000),
    trafficUsd: 0.06,
    inetDownMbps: 1_000,
    reliability: 0.99,
  },
} as unknown as LeaseContext;

/** A memory that has lived through one lease, which ended so many seconds after its begin. */
function after(endSeconds: number, change: Partial<LeaseContext>): RentalMemory {
  let tell: (entry: JournalEntry) => void = () => undefined;
  const row = { id: 'lease:A', context: { ...context, ...change }, value: 'gone', updatedAt: at(endSeconds) };
  const table = { newest: () => [], keep: () => undefined } as unknown as RentalTable;
  const memory = createRentalMemory({
    rows: {
      rows: () => [],
      row: () => row as never,
      onStep: (listener) => {
        tell = listener;
        return () => undefined;
      },
    },
    table,
    image: 'mlnode',
    imageGb: 12,
  });
  const event = { type: 'xstate.done.actor.confirmAbsence' };
  tell({
    chart: 'lease',
    rowId: row.id,
    value: 'gone',
    at: row.updatedAt,
    event,
  } as unknown as JournalEntry);
  return memory;
}

describe('what a rental teaches about boots', () => {
  it.each<[string, number, Partial<LeaseContext>, Partial<BootRecord> | null]>([
    [
      'that was ready: how long it loaded, and what came after',
      2_000,
      { runningAt: at(300), readyAt: at(340) },
      { isReady: true, loadMs: 300_000, afterMs: 40_000, atLeastMs: null },
    ],
    [
      'that was let go while it loaded: that it takes at least that long',
      200,
      {},
      { isReady: null, loadMs: null, afterMs: null, atLeastMs: 200_000 },
    ],
    [
      'that was let go while it started: how long it loaded',
      400,
      { runningAt: at(300) },
      { isReady: null, loadMs: 300_000, afterMs: null, atLeastMs: 400_000 },
    ],
    [
      'that loaded for hours: that it never came',
      9_000,
      {},
      { isReady: false, loadMs: null, afterMs: null, atLeastMs: null },
    ],
    [
      'that failed: that it never came',
      150,
      { fault: { code: 'VAST_INSTANCE_FAILED', class: 'terminal', message: 'the host cannot' } },
      { isReady: false, loadMs: null, afterMs: null, atLeastMs: null },
    ],
    [
      'that an operator ended by a wrong image: that it takes at least that long',
      150,
      { fault: { code: 'MLNODE_IMAGE_MISSING', class: 'operator', message: 'no such image' } as never },
      { isReady: null, atLeastMs: 150_000 },
    ],
    [
      'that the provider refused: nothing',
      1,
      {
        instanceId: null,
        fault: { code: 'VAST_CREATE_REFUSED', class: 'terminal', message: 'no' },
      },
      null,
    ],
  ])('one %s', (_, seconds, change, expected) => {
    expect(after(seconds, change).boots()).toEqual(
      expected === null ? [] : [expect.objectContaining(expected)],
    );
  });
});
