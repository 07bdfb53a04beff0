import { describe, expect, it } from 'vitest';
import {
  isLastJob,
  isPocV2Machine,
  isSameJob,
  noPocV2,
  pocV2After,
  type PocV2Context,
  type PocV2Job,
  type RunningPocV2,
} from '../../src/machines/poc-v2-context.ts';

const poc: RunningPocV2 = {
  leaseId: 'A',
  initBody: '{}',
  model: 'org/name',
  blockHash: 'AB',
  blockHeight: 1_000,
  publicKey: 'pk',
  nodeId: 1,
  nodeCount: 2,
  callbackOrigin: 'http://api:9100',
  callbackPath: '/v2/poc-batches',
};
const job = (publicKey: string, change: Partial<PocV2Job> = {}): PocV2Job => ({
  leaseId: 'A',
  publicKey,
  blockHash: 'AB',
  blockHeight: 1_000,
  callbackOrigin: 'http://api:9100',
  callbackPath: '/v2/poc-batches',
  nonceCount: 200,
  isAnswered: false,
  ...change,
});
const withJobs = (...pocV2Jobs: readonly PocV2Job[]): PocV2Context => ({ ...noPocV2, pocV2: poc, pocV2Jobs });
const keys = ({ pocV2Jobs }: Partial<PocV2Context>) => pocV2Jobs?.map(({ publicKey }) => publicKey);

describe('what is known of PoC v2', () => {
  it('is nothing at first: nobody called, and nobody asked for the status', () => {
    expect(noPocV2).toMatchObject({ calledPocVersion: null, isPocV2Polled: false, pocV2: null });
  });

  it('stays as it is for an event that is about something else', () => {
    expect(pocV2After(withJobs(job('x')), { type: 'NODE.STOPPED' })).toEqual({});
  });

  it('holds a validation once, the one that was posted last at the end', () => {
    const after = pocV2After(withJobs(job('x'), job('y')), {
      type: 'POC_V2.JOB_POSTED',
      job: job('x', { nonceCount: 9 }),
    } as never);
    expect(after.pocV2Jobs).toEqual([job('y'), job('x', { nonceCount: 9 })]);
  });

  it('forgets the oldest validation beyond 4096', () => {
    const many = Array.from({ length: 4_096 }, (_, at) => job(`k${at}`));
    const after = pocV2After(withJobs(...many), { type: 'POC_V2.JOB_POSTED', job: job('new') } as never);
    expect(after.pocV2Jobs).toHaveLength(4_096);
    expect([after.pocV2Jobs?.[0]?.publicKey, after.pocV2Jobs?.at(-1)?.publicKey]).toEqual(['k1', 'new']);
  });

  it('loses a validation that the machine refused, and no other', () => {
    const after = pocV2After(withJobs(job('x'), job('y')), {
      type: 'POC_V2.JOB_REFUSED',
      job: job('x'),
    } as never);
    expect(keys(after)).toEqual(['y']);
  });

  it('keeps validations of the stage that begins, and none of another', () => {
    const after = pocV2After(withJobs(job('x', { blockHeight: 900 }), job('y')), {
      type: 'POC_V2.GENERATING',
      poc,
    } as never);
    expect([after.pocV2, keys(after)]).toEqual([poc, ['y']]);
  });

  it('loses with a machine its work and its validations, and nothing of the others', () => {
    const before = withJobs(job('x'), job('y', { leaseId: 'B' }));
    const [a, b] = ['A', 'B'].map((leaseId) =>
      pocV2After(before, { type: 'MACHINE.LOST', leaseId } as never),
    );
    expect([a?.pocV2, keys(a!)]).toEqual([null, ['y']]);
    expect([b?.pocV2, keys(b!)]).toEqual([poc, ['x']]);
    expect(pocV2After(noPocV2, { type: 'MACHINE.LOST', leaseId: 'A' } as never).pocV2).toBeNull();
  });
});

describe('a validation', () => {
  it.each([
    ['participant', { publicKey: 'z' }, false],
    ['stage', { blockHeight: 1_001 }, false],
    ['callback path', { callbackPath: '/other' }, false],
    ['machine', { leaseId: 'B' }, true],
    ['number of nonces', { nonceCount: 1 }, true],
  ])('of another %s is the same one: %#', (_, change, isSame) => {
    expect(isSameJob(job('x'), job('x', change))).toBe(isSame);
  });

  it('is the last when all others are answered', () => {
    const event = { type: 'POC_V2.VERDICT', job: job('x') };
    expect(isLastJob(withJobs(job('x'), job('y', { isAnswered: true })), event)).toBe(true);
    expect(isLastJob(withJobs(job('x'), job('y')), event)).toBe(false);
  });

  it('makes its machine one of PoC v2, as the work itself does', () => {
    const before = withJobs(job('x', { leaseId: 'B' }));
    const isOne = (leaseId: string) => isPocV2Machine(before, { type: 'MACHINE.LOST', leaseId } as never);
    expect(['A', 'B', 'C'].map(isOne)).toEqual([true, true, false]);
    expect(isPocV2Machine(noPocV2, { type: 'MACHINE.LOST', leaseId: 'A' } as never)).toBe(false);
  });
});
