import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInClass, noClass, roundsOf, shareNonces } from '../../src/policy/nonce-partition.ts';
import { NonceIterator } from '../../src/world/machine/nonce-iterator.ts';

/** What the Network Node assigns: any number of any count, node ids beyond the count included. */
const assigned = fc.record({ nodeId: fc.nat(2_000), nodeCount: fc.integer({ min: 1, max: 500 }) });
const machines = fc.integer({ min: 1, max: 16 });
/** GPU groups of each of up to sixteen machines. */
const groups = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 16, maxLength: 16 });
const round = fc.integer({ min: 0, max: 3 });

/** The first `steps` nonces of every GPU group of one machine, by the ML node's own iterator. */
function computed(
  { nodeId, nodeCount }: { nodeId: number; nodeCount: number },
  groupCount: number,
  steps: number,
): number[] {
  return Array.from({ length: groupCount }, (_, group) =>
    new NonceIterator({ nodeId, nodeCount, group, groupCount }).take(steps),
  ).flat();
}

describe('the shares of several machines', () => {
  it('give every nonce of the assigned class to exactly one machine', () => {
    fc.assert(
      fc.property(assigned, machines, fc.nat(5_000), (whole, count, step) => {
        const shares = shareNonces(whole, count);
        const nonce = whole.nodeId + step * whole.nodeCount;
        expect(shares.filter((share) => isInClass(nonce, share))).toHaveLength(1);
      }),
    );
  });

  it('hold no nonce that was not assigned', () => {
    fc.assert(
      fc.property(assigned, machines, round, fc.nat(1_000_000), (whole, count, rounds, nonce) => {
        const isAssigned = isInClass(nonce, whole);
        for (const share of shareNonces(whole, count, rounds))
          expect(isInClass(nonce, share) && !isAssigned).toBe(false);
      }),
    );
  });

  it('are computed without a gap and without a repetition, whatever GPU groups each machine has', () => {
    fc.assert(
      fc.property(assigned, machines, groups, (whole, count, groupCounts) => {
        const perMachine = 24;
        const nonces = shareNonces(whole, count).flatMap((share, k) => {
          const groupCount = groupCounts[k] ?? 1;
          return computed(share, groupCount, perMachine).filter(
            // Groups step together, so those of one machine are complete up to here.
            (nonce) => nonce < share.nodeId + perMachine * share.nodeCount,
          );
        });
        const ascending = nonces.toSorted((a, b) => a - b);
        const expected = Array.from(
          { length: perMachine * count },
          (_, step) => whole.nodeId + step * whole.nodeCount,
        );
        expect(ascending).toEqual(expected);
      }),
    );
  });

  it('leave one machine what was assigned, unchanged', () => {
    fc.assert(
      fc.property(assigned, (whole) => {
        expect(shareNonces(whole, 1)).toEqual([whole]);
      }),
    );
  });

  it('stay in the residue class of the node, so that no other node is touched', () => {
    fc.assert(
      fc.property(assigned, machines, round, (whole, count, rounds) => {
        for (const { nodeId } of shareNonces(whole, count, rounds))
          expect(nodeId % whole.nodeCount).toBe(whole.nodeId % whole.nodeCount);
      }),
    );
  });

  it('of a later round begin where no machine of an earlier one comes to, and stay small', () => {
    fc.assert(
      fc.property(
        fc.record({ nodeId: fc.nat(6), nodeCount: fc.integer({ min: 7, max: 40 }) }),
        machines,
        machines,
        (whole, before, after) => {
          const earlier = shareNonces(whole, before);
          const later = shareNonces(whole, after, roundsOf(whole, earlier));
          // Eight B200 of a machine try some 100 000 nonces in the five minutes of a PoC.
          const reach = Math.max(...earlier.map(({ nodeId, nodeCount }) => nodeId + 100_000 * nodeCount));
          for (const { nodeId } of later) {
            expect(nodeId).toBeGreaterThan(reach);
            expect(nodeId).toBeLessThan(2 ** 31);
          }
        },
      ),
    );
  });

  it('are counted in rounds by their numbers', () => {
    fc.assert(
      fc.property(assigned, machines, round, (whole, count, rounds) => {
        expect(roundsOf(whole, [noClass, ...shareNonces(whole, count, rounds)])).toBe(rounds + 1);
        expect(roundsOf(whole, [noClass])).toBe(0);
      }),
    );
  });
});

describe('what cannot be shared', () => {
  it('is a call without numbers, and no machines', () => {
    expect(() => shareNonces(noClass, 2)).toThrow(RangeError);
    expect(() => shareNonces({ nodeId: 1, nodeCount: 2 }, 0)).toThrow(RangeError);
    expect(() => shareNonces({ nodeId: 1, nodeCount: 2 }, 1.5)).toThrow(RangeError);
    for (const half of [
      { nodeId: -1, nodeCount: 2 },
      { nodeId: 1, nodeCount: 0 },
      { nodeId: 1, nodeCount: -1 },
    ]) {
      expect(() => shareNonces(half, 2)).toThrow(RangeError);
      expect(roundsOf({ nodeId: 0, nodeCount: 1 }, [half])).toBe(0);
    }
  });

  it('is a nonce below the node’s first one', () => {
    expect([3, 5, 7, 9].map((nonce) => isInClass(nonce, { nodeId: 7, nodeCount: 2 }))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('are the numbers that the ML node takes for validation alone', () => {
    expect(noClass).toEqual({ nodeId: -1, nodeCount: -1 });
  });

  it('is in nobody’s class', () => {
    for (const nonce of [-1, 0, 1, 7]) expect(isInClass(nonce, noClass)).toBe(false);
  });
});
