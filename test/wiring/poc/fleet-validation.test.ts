import { describe, expect, it } from 'vitest';
import { batchBody, FleetCase } from './fleet-case.ts';
import { generating, minute } from './generating-fleet.ts';

describe('batches to validate', () => {
  const keys = Array.from({ length: 12 }, (_, index) => `03${String(index).padStart(2, '0')}`);
  const posts = (fleet: FleetCase): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { leaseId, call } of fleet.calls)
      if (call === 'validate') counts[leaseId] = (counts[leaseId] ?? 0) + 1;
    return counts;
  };

  it('are spread over the machines by what they have to do and how fast they are', async () => {
    const fleet = new FleetCase(3);
    fleet.ready('A', 60);
    fleet.ready('B', 60);
    fleet.ready('C', 240);
    await fleet.call('init/generate');
    await fleet.clock.advanceBy(4 * minute);
    await fleet.call('init/validate');
    for (const key of keys)
      expect(await fleet.call('validate', batchBody(key))).toMatchObject({ status: 200 });
    const { A = 0, B = 0, C = 0 } = posts(fleet);
    expect(A + B + C).toBe(12);
    expect(C).toBeGreaterThanOrEqual(6);
    expect(Math.min(A, B)).toBeGreaterThanOrEqual(1);
    await fleet.clock.advanceBy(2 * minute);
    for (const key of keys) expect([key, fleet.verdictsOf(key)]).toEqual([key, 1]);
  });

  it('come again to the machine that has them', async () => {
    const fleet = await generating(3);
    await fleet.call('init/validate');
    for (const key of [...keys.slice(0, 4), keys[2]!]) await fleet.call('validate', batchBody(key));
    const holders = fleet.calls.flatMap((one) =>
      one.call === 'validate' && one.body?.includes(`"${keys[2]}"`) ? [one.leaseId] : [],
    );
    expect(holders).toHaveLength(2);
    expect(new Set(holders).size).toBe(1);
  });

  it('go to another machine when the one that has them is lost, over a restart too', async () => {
    const fleet = await generating(3);
    await fleet.call('init/validate');
    for (const leaseId of ['A', 'B', 'C'])
      fleet.machines.get(leaseId)!.world.faults.set('senderStalls', Number(leaseId !== 'C'));
    for (const key of keys) await fleet.call('validate', batchBody(key));
    await fleet.clock.advanceBy(minute);
    const judged = keys.filter((key) => fleet.verdictsOf(key) > 0);
    expect(judged.length).toBeGreaterThan(0);
    expect(judged.length).toBeLessThan(12);
    await fleet.restart();
    await fleet.lose('A');
    await fleet.lose('B');
    await fleet.clock.advanceBy(3 * minute);
    for (const key of keys) expect([key, fleet.verdictsOf(key)]).toEqual([key, 1]);
    expect([fleet.state, fleet.post.foreignCount()]).toEqual(['POW VALIDATING', 0]);
  });

  it('are done by whoever comes when all were lost', async () => {
    const fleet = await generating(2);
    await fleet.call('init/validate');
    fleet.machines.get('A')!.world.faults.set('senderStalls', 1);
    fleet.machines.get('B')!.world.faults.set('senderStalls', 1);
    for (const key of keys) await fleet.call('validate', batchBody(key));
    await fleet.lose('A');
    await fleet.lose('B');
    expect(fleet.state).toBe('STOPPED');
    fleet.ready('C');
    await fleet.call('init/validate');
    await fleet.clock.advanceBy(3 * minute);
    for (const key of keys) expect([key, fleet.verdictsOf(key)]).toEqual([key, 1]);
  });

  it('are posted after a restart when they were kept and nobody was asked', async () => {
    const fleet = await generating(2);
    await fleet.call('init/validate');
    fleet.keepBatch('0300');
    await fleet.restart();
    await fleet.clock.advanceBy(2 * minute);
    expect(fleet.verdictsOf('0300')).toBe(1);
  });

  it('are posted again when the daemon died over them', async () => {
    const fleet = await generating(2);
    await fleet.call('init/validate');
    fleet.mishap = (_leaseId, call) => (call === 'validate' ? 'silent' : 'none');
    void fleet.desk.pow('validate', batchBody('0300'));
    await fleet.clock.advanceBy(1_000);
    fleet.mishap = () => 'none';
    await fleet.restart();
    await fleet.clock.advanceBy(minute);
    expect(fleet.verdictsOf('0300')).toBe(1);
    expect(fleet.calls.filter(({ call }) => call === 'validate')).toHaveLength(2);
  });

  it('are tried at the next machine when one does not take them, and acknowledged only if one does', async () => {
    const fleet = await generating(2);
    await fleet.call('init/validate');
    fleet.mishap = (leaseId, call) => (leaseId === 'A' && call === 'validate' ? 'refused' : 'none');
    for (const key of keys)
      expect(await fleet.call('validate', batchBody(key))).toMatchObject({ status: 200 });
    fleet.mishap = (_leaseId, call) => (call === 'validate' ? 'refused' : 'none');
    expect(await fleet.call('validate', batchBody('03ff'))).toEqual({ kind: 'silence' });
  });

  it('are refused to the machine that was not asked', async () => {
    const fleet = await generating(2);
    await fleet.call('init/validate');
    await fleet.call('validate', batchBody('0300'));
    const other = fleet.calls.find(({ call }) => call === 'validate')?.leaseId === 'A' ? 'B' : 'A';
    const verdict = JSON.stringify({ ...(JSON.parse(batchBody('0300')) as object), fraud_detected: false });
    const answer = await fleet.post.receiver(other)({
      method: 'POST',
      path: '/v1/poc-batches/validated',
      headers: {},
      body: Buffer.from(verdict),
    });
    expect([answer.status, fleet.post.foreignCount()]).toEqual([400, 1]);
  });
});
