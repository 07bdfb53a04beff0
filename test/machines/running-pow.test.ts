import { describe, expect, it } from 'vitest';
import {
  fleetAlert,
  hasMachine,
  marked,
  othersWork,
  type PowMachine,
  type RunningPow,
  withBatch,
} from '../../src/machines/running-pow.ts';

const machine = (leaseId: string, standing: PowMachine['standing'] = 'working'): PowMachine => ({
  leaseId,
  nodeId: 1,
  nodeCount: 3,
  standing,
});
const pow = (...machines: readonly PowMachine[]): RunningPow => ({
  machines,
  initBody: '{}',
  blockHash: 'AB',
  blockHeight: 1_000,
  publicKey: 'pk',
  nodeId: 1,
  nodeCount: 1,
  callbackOrigin: 'http://api:9100',
  callbackPath: '/v1/poc-batches',
});

describe('the machines of a PoC', () => {
  it('have one that was given work and is not lost, whatever it answered', () => {
    const running = pow(machine('A'), machine('B', 'refused'), machine('C', 'lost'));
    expect(['A', 'B', 'C', 'D'].map((one) => hasMachine(running, one))).toEqual([true, true, false, false]);
    expect(hasMachine(null, 'A')).toBe(false);
  });

  it('work on without one when another one works', () => {
    expect(othersWork(pow(machine('A'), machine('B')), 'A')).toBe(true);
    expect(othersWork(pow(machine('A'), machine('B', 'asked')), 'A')).toBe(false);
    expect(othersWork(null, 'A')).toBe(false);
  });
});

describe('the alert about one machine of several', () => {
  it('says how many others work, and that a share stays undone', () => {
    const running = pow(machine('A', 'refused'), machine('B'), machine('C', 'asked'), machine('D'));
    expect(fleetAlert(running, 'A', 'it said no')).toEqual({
      key: 'fleet',
      code: 'POW_SHARE_UNDONE',
      message:
        'lease A does not work in this PoC, 2 others do: it said no; its share of the nonces stays undone',
    });
    expect(fleetAlert(running, 'B', 'it said no').message).toContain('1 others do');
  });

  it('names no share of a machine that only validates, nor of an unknown one', () => {
    const validating = { ...machine('A'), nodeId: -1, nodeCount: -1 };
    const none = { ...machine('B'), nodeId: 0, nodeCount: 0 };
    for (const [running, leaseId] of [
      [pow(validating, machine('C')), 'A'],
      [pow(none, machine('C')), 'B'],
      [pow(machine('C')), 'D'],
    ] as const)
      expect(fleetAlert(running, leaseId, 'why').message).toBe(
        `lease ${leaseId} does not work in this PoC, 1 others do: why`,
      );
    expect(fleetAlert(null, 'A', 'why').message).toContain('0 others do');
  });
});

describe('the posted batches', () => {
  const posted = (digest: string, leaseId = 'A') => ({ digest, blockHash: 'AB', leaseId });

  it('hold each once, with the machines that had it, the last one at the end, to be judged again', () => {
    const once = withBatch(withBatch(withBatch([], posted('x')), posted('y')), posted('x', 'B'));
    const judged = marked(once, 'x', { isTaken: true, isJudged: true });
    expect(judged.map(({ digest, isJudged }) => [digest, isJudged])).toEqual([
      ['x', true],
      ['y', false],
    ]);
    expect(withBatch(judged, posted('x', 'A'))[0]).toEqual({
      digest: 'x',
      blockHash: 'AB',
      leaseIds: ['B', 'A'],
      isTaken: false,
      isJudged: false,
    });
  });

  it('forget the oldest beyond 4096', () => {
    const many = Array.from({ length: 4_096 }, (_, at) => at).reduce(
      (batches, at) => [...batches, ...withBatch([], posted(`d${at}`))],
      withBatch([], posted('first')).slice(1),
    );
    const after = withBatch(many, posted('new'));
    expect(after).toHaveLength(4_096);
    expect([after[0]?.digest, after.at(-1)?.digest]).toEqual(['d1', 'new']);
  });
});
