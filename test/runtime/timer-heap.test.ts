import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cancel, isSooner, TimerHeap, type VirtualTimer } from '../../src/runtime/timer-heap.ts';

const timer = (due: number, seq = 0): VirtualTimer => ({
  worldTimer: 'handle',
  fn: () => {
    throw new Error('rang');
  },
  seq,
  armedAt: 0,
  periodMs: due,
  purpose: undefined,
  version: undefined,
  due,
  isCancelled: false,
});
function emptied(heap: TimerHeap): string[] {
  const found: string[] = [];
  for (let next = heap.peek(); next !== undefined; next = heap.peek()) {
    found.push(`${next.due}.${next.seq}`);
    heap.pop();
  }
  return found;
}

describe('a heap of timers', () => {
  it('hands them out by due time, and equals in the order of arming', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (dues) => {
        const heap = new TimerHeap();
        const timers = dues.map((due, seq) => timer(due, seq));
        for (const one of timers) heap.push(one);
        const expected = timers.toSorted((a, b) => a.due - b.due || a.seq - b.seq);
        expect(emptied(heap)).toEqual(expected.map(({ due, seq }) => `${due}.${seq}`));
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  it('leaves out what was cancelled, and counts what is armed', () => {
    const heap = new TimerHeap();
    const timers = [3, 1, 2].map((due) => timer(due));
    for (const one of timers) heap.push(one);
    cancel(timers[1]!);
    expect(heap.pending).toBe(2);
    expect(emptied(heap)).toEqual(['2.0', '3.0']);
    expect(heap.pending).toBe(0);
    expect(() => heap.pop()).not.toThrow();
  });

  it('keeps its order, and all that are armed, over thousands of which most are cancelled', () => {
    const heap = new TimerHeap();
    const left: string[] = [];
    for (let seq = 0; seq < 2_000; seq += 1) {
      const one = timer((seq * 7_919) % 1_009, seq);
      heap.push(one);
      if (seq % 5 === 0) left.push(`${one.due}.${seq}`);
      else cancel(one);
    }
    expect(heap.pending).toBe(400);
    const found = emptied(heap);
    expect(found.toSorted()).toEqual(left.toSorted());
    const dues = found.map(Number.parseFloat).map(Math.floor);
    expect(dues).toEqual(dues.toSorted((a, b) => a - b));
  });

  it('lets a cancelled timer do nothing, and hold nothing', () => {
    const one = timer(1);
    cancel(one);
    expect(() => one.fn()).not.toThrow();
    expect(one).toMatchObject({ isCancelled: true, worldTimer: undefined });
  });

  it('calls none sooner than itself', () => {
    const [early, late] = [timer(1, 1), timer(1, 2)];
    expect([isSooner(early, late), isSooner(late, early), isSooner(early, early)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
