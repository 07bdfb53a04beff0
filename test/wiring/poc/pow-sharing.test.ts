import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PowSharing } from '../../../src/machines/running-pow.ts';
import { hasClass, isInClass } from '../../../src/policy/nonce-partition.ts';
import {
  type InitCall,
  type SharedOut,
  shareOut,
  type SharingTerms,
} from '../../../src/wiring/poc/pow-sharing.ts';

const terms = (change: Partial<SharingTerms>): SharingTerms => ({
  call: 'init/generate',
  initBody: '{"of":"this PoC"}',
  whole: { nodeId: 1, nodeCount: 2 },
  held: ['A', 'B', 'C'],
  width: 3,
  before: null,
  ...change,
});

/** What became of one call: `A 1/6`, one a machine that takes part. */
const taking = (change: Partial<SharingTerms>): readonly string[] =>
  shareOut(terms(change)).taking.map((one) => `${one.leaseId} ${one.nodeId}/${one.nodeCount}`);
const after = (...changes: readonly Partial<SharingTerms>[]): PowSharing =>
  changes.reduce<PowSharing | null>(
    (before, change) => shareOut(terms({ ...change, before })).sharing,
    null,
  )!;

describe('who takes part in a PoC', () => {
  it('is who is there, up to the width', () => {
    expect(taking({})).toEqual(['A 1/6', 'B 3/6', 'C 5/6']);
    expect(taking({ width: 2 })).toEqual(['A 1/4', 'B 3/4']);
    expect(taking({ held: ['A'] })).toEqual(['A 1/2']);
    expect(taking({ held: [] })).toEqual([]);
  });

  it('keeps its share when others go, come, or change places', () => {
    const before = after({ held: ['A', 'B'] });
    expect(taking({ before, held: ['C', 'B', 'A'] })).toEqual(['A 1/4', 'B 3/4']);
    expect(taking({ before, held: ['B', 'C'] })).toEqual(['B 3/4']);
  });

  it('is everybody in the next PoC', () => {
    const before = after({ held: ['A', 'B'] });
    expect(taking({ before, initBody: '{"of":"another"}' })).toEqual(['A 1/6', 'B 3/6', 'C 5/6']);
  });

  it('only validates when it comes late, and is no more than the width allows', () => {
    const before = after({ held: ['A', 'B'] });
    const late = { before, call: 'init/validate', held: ['A', 'B', 'C', 'D'] } as const;
    expect(taking(late)).toEqual(['A 1/4', 'B 3/4', 'C -1/-1']);
    expect(taking({ ...late, held: ['B', 'C', 'D'] })).toEqual(['B 3/4', 'C -1/-1', 'D -1/-1']);
    expect(taking({ ...late, call: 'init/generate' })).toEqual(['A 1/4', 'B 3/4']);
  });

  it('shares a validation that nobody generated for, in case that generation follows', () => {
    expect(taking({ call: 'init/validate' })).toEqual(['A 1/6', 'B 3/6', 'C 5/6']);
  });

  it('gets a call without numbers as it is', () => {
    const whole = { nodeId: -1, nodeCount: -1 };
    expect(taking({ whole, call: 'init/validate' })).toEqual(['A -1/-1', 'B -1/-1', 'C -1/-1']);
  });
});

describe('over any history of calls, losses and late machines', () => {
  const call = fc.constantFrom<InitCall>('init', 'init/generate', 'init/validate');
  const held = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'), { maxLength: 6 });
  const history = fc.array(fc.record({ call, held }), { minLength: 1, maxLength: 8 });

  it('no two machines ever have a nonce in common, and none leaves the class of the node', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 4 }), (steps, width) => {
        const whole = { nodeId: 5, nodeCount: 9 };
        let before: PowSharing | null = null;
        const given = new Map<string, { nodeId: number; nodeCount: number }>();
        const gone = new Set<string>();
        for (const step of steps) {
          // A lease that was left never comes back.
          const held = step.held.filter((leaseId) => !gone.has(leaseId));
          for (const { leaseId } of before?.shares ?? [])
            if (!held.some((id) => id === leaseId)) gone.add(leaseId);
          const out: SharedOut = shareOut(terms({ ...step, held, whole, width, before }));
          for (const { leaseId, nodeId, nodeCount } of out.taking) {
            expect(held).toContain(leaseId);
            if (!hasClass({ nodeId, nodeCount })) continue;
            given.set(`${leaseId} ${nodeId}/${nodeCount}`, { nodeId, nodeCount });
          }
          expect(out.taking.length).toBeLessThanOrEqual(width);
          before = out.sharing;
        }
        // As far as any machine comes in one PoC.
        const reach = 40;
        const seen = new Set<number>();
        for (const { nodeId, nodeCount } of given.values()) {
          for (let x = 0; x < reach; x += 1) {
            const nonce = nodeId + x * nodeCount;
            expect(seen.has(nonce)).toBe(false);
            expect(isInClass(nonce, whole)).toBe(true);
            seen.add(nonce);
          }
        }
      }),
    );
  });
});
