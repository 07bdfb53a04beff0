import { describe, expect, test } from 'vitest';
import type { EpochContext } from '../../src/machines/epoch-context.ts';
import type { LeaseContext } from '../../src/machines/lease-context.ts';
import type { EpochPlan } from '../../src/policy/epoch-plan.ts';
import { blockHeight, microUsd } from '../../src/units.ts';
import { LeaseHand } from './lease-hand.ts';
import { ModelRig } from './rig.ts';
import { leaseInput, samplePlan } from './sample-rows.ts';

const [before, after] = ['epoch:7', 'epoch:8'];

/** The plan of PoC 8, which starts where PoC 7 ends its hold. */
function nextPlan(more: Partial<EpochPlan> = {}): EpochPlan {
  return { ...samplePlan('epoch', 600), epochIndex: 8, ...more };
}

/** PoC 7 holds a machine in epoch policy, and PoC 8 is planned. */
async function holding(more: Partial<EpochPlan> = {}): Promise<{ rig: ModelRig; lease: LeaseHand }> {
  const rig = new ModelRig();
  rig.runtime.open('epoch', before, { plan: { ...samplePlan('epoch'), ...more } });
  await rig.height(950);
  await rig.settle(before, 'findKeptCrew', { from: null, leases: [] });
  const lease = await chosen(rig, before, 'L1');
  await lease.toHeld();
  for (const height of [1_000, 1_055, 1_060, 1_185]) await rig.height(height);
  expect(rig.value(before)).toBe('holding');
  rig.runtime.open('epoch', after, { plan: nextPlan() });
  return { rig, lease };
}

async function chosen(rig: ModelRig, epoch: string, leaseId: string): Promise<LeaseHand> {
  const instanceId = 4_000 + Number(leaseId.slice(1));
  const input = leaseInput(leaseId, epoch, rig.clock.now());
  await rig.settle(epoch, 'chooseOffer', {
    leaseId,
    machineId: instanceId,
    opening: { chart: 'lease', id: `lease:${leaseId}`, input },
  });
  return new LeaseHand(rig, leaseId, instanceId);
}

const crew = (rig: ModelRig, epoch: string) => (rig.context(epoch) as EpochContext).crew;
const kept = { from: before, leases: [{ leaseId: 'L1', reserved: microUsd(9_000_000) }] };

describe('a machine that is held for the whole epoch', () => {
  test('is handed over to the next PoC: it never stops, and the old row settles without releasing it', async () => {
    const { rig, lease } = await holding();
    await rig.height(1_550);
    expect(rig.value(after)).toEqual({ takingOver: 'looking' });
    await rig.settle(after, 'findKeptCrew', kept);
    expect(rig.value(after)).toBe('ready');
    expect(rig.value(before)).toEqual({ releasing: 'counting' });
    expect(crew(rig, after)).toMatchObject([{ leaseId: 'L1', isReady: true }]);
    expect(rig.context(lease.rowId) as LeaseContext).toMatchObject({ owner: after, reserved: 9_000_000 });
    expect(lease.state).toBe('held.working');
    await rig.settle(before, 'countWork', {
      noncesDelivered: 5,
      validationsDelivered: 2,
      callbacksUndeliverable: 0,
    });
    await rig.height(1_600);
    expect(rig.value(after)).toBe('generating');
    expect(lease.state).toBe('held.working');
    rig.check();
    await rig.close();
  });

  test('is handed over once, whatever dies in between', async () => {
    const { rig, lease } = await holding();
    await rig.height(1_550);
    await rig.crash();
    await rig.settle(after, 'findKeptCrew', kept);
    await rig.crash();
    expect(rig.value(after)).toBe('ready');
    expect(crew(rig, after)).toHaveLength(1);
    expect(lease.state).toBe('held.working');
    rig.check();
    await rig.close();
  });

  test('and that dies while it is handed over is missed at once', async () => {
    const { rig, lease } = await holding();
    await rig.height(1_550);
    await rig.fail(lease.rowId, 'watchMachine', 'SSH_LOST', 'terminal');
    expect(rig.value(before)).toEqual({ replacing: 'choosing' });
    await rig.settle(after, 'findKeptCrew', kept);
    expect(crew(rig, after)).toEqual([]);
    expect(rig.value(after)).toEqual({ renting: 'choosing' });
    await rig.close();
  });

  test('is not waited for: a row before that does not answer is rented past', async () => {
    const rig = new ModelRig();
    rig.runtime.open('epoch', after, { plan: nextPlan() });
    await rig.height(1_550);
    await rig.settle(after, 'findKeptCrew', kept);
    expect(rig.value(after)).toEqual({ takingOver: 'asking' });
    await rig.clock.advanceBy(10_000);
    expect(rig.value(after)).toEqual({ renting: 'choosing' });
    await rig.close();
  });

  test('is replaced at once when it is lost, and a rival is rented when the replacement takes long', async () => {
    const { rig, lease } = await holding({ crewMax: 2 });
    await rig.fail(lease.rowId, 'watchMachine', 'VAST_INSTANCE_FAILED', 'terminal');
    expect(rig.value(before)).toEqual({ replacing: 'choosing' });
    const slow = await chosen(rig, before, 'L2');
    expect(rig.value(before)).toEqual({ replacing: 'awaiting' });
    await rig.clock.advanceBy(300_000);
    expect(rig.value(before)).toEqual({ replacing: 'choosing' });
    const rival = await chosen(rig, before, 'L3');
    await rival.toHeld();
    expect(rig.value(before)).toBe('holding');
    expect(crew(rig, before)).toMatchObject([{ leaseId: 'L3', isReady: true }]);
    expect(slow.state).toMatch(/^(creating|releasing)/);
    rig.check();
    await rig.close();
  });
});

describe('a crew of two', () => {
  test('waits for both, starts with one when PoC begins, and keeps the share of the other open until it is too late', async () => {
    const rig = new ModelRig();
    const plan: EpochPlan = { ...samplePlan('sprint'), width: 2, crewMax: 4 };
    rig.runtime.open('epoch', before, {
      plan: { ...plan, launchHeights: [blockHeight(950), blockHeight(980)] },
    });
    await rig.height(950);
    await rig.settle(before, 'findKeptCrew', { from: null, leases: [] });
    const first = await chosen(rig, before, 'L1');
    expect(rig.value(before)).toEqual({ renting: 'choosing' });
    await chosen(rig, before, 'L2');
    expect(rig.value(before)).toBe('booting');
    await first.toHeld();
    expect(rig.value(before)).toBe('booting');
    await rig.height(980);
    expect(rig.value(before)).toEqual({ renting: 'choosing' });
    await chosen(rig, before, 'L3');
    expect(crew(rig, before)).toHaveLength(3);
    await rig.height(1_000);
    expect(rig.value(before)).toBe('generating');
    expect(crew(rig, before)).toHaveLength(3);
    await rig.height(1_055);
    expect(crew(rig, before)).toMatchObject([{ leaseId: 'L1', isReady: true }]);
    expect(first.state).toBe('held.working');
    rig.check();
    await rig.close();
  });

  test('loses only a share when one of them dies in the middle of PoC', async () => {
    const rig = new ModelRig();
    rig.runtime.open('epoch', before, { plan: { ...samplePlan('sprint'), width: 2, crewMax: 2 } });
    await rig.height(950);
    await rig.settle(before, 'findKeptCrew', { from: null, leases: [] });
    const one = await chosen(rig, before, 'L1');
    const other = await chosen(rig, before, 'L2');
    await one.toHeld();
    await other.toHeld();
    expect(rig.value(before)).toBe('ready');
    await rig.height(1_000);
    await rig.fail(one.rowId, 'watchMachine', 'VAST_INSTANCE_FAILED', 'terminal');
    expect(rig.value(before)).toBe('generating');
    expect(crew(rig, before)).toMatchObject([{ leaseId: 'L2' }]);
    rig.check();
    await rig.close();
  });
});
