import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConcurrencySlots } from '../../../src/server/limits/concurrency-slots.ts';

describe('the places of a node', () => {
  test('are as many as it has, each taken by one', () => {
    const slots = new ConcurrencySlots(3);
    const taken = ['a', 'b', 'a'].map((who) => slots.take(who));
    expect(new Set(taken).size).toBe(3);
    expect([slots.take('c'), slots.inUse, slots.byOccupant()]).toEqual([-1, 3, { a: 2, b: 1 }]);
    slots.give(taken[1] ?? -1);
    expect([slots.take('c'), slots.byOccupant()]).toEqual([taken[1], { a: 2, c: 1 }]);
  });

  test('are given back once', () => {
    const slots = new ConcurrencySlots(1);
    const slot = slots.take('a');
    slots.give(slot);
    expect(() => slots.give(slot)).toThrow(RangeError);
    expect(() => slots.give(-1)).toThrow(RangeError);
    expect(slots.inUse).toBe(0);
  });

  test('are never lost or doubled in any order of taking and giving', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (moves) => {
        const slots = new ConcurrencySlots(8);
        const held: number[] = [];
        for (const move of moves) {
          if (move % 2 === 0) {
            const slot = slots.take('x');
            if (slot !== -1) held.push(slot);
          } else if (held.length > 0) slots.give(held.splice(move % held.length, 1)[0] ?? -1);
          expect(slots.inUse).toBe(held.length);
          expect(new Set(held).size).toBe(held.length);
        }
      }),
    );
  });
});
