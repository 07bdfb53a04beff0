import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EpochContext } from '../../../src/machines/epoch-context.ts';
import { createOperatorOrders } from '../../../src/wiring/renting/operator-orders.ts';
import { epochRow } from '../../../src/wiring/row-names.ts';
import { DaemonCase } from '../daemon-case.ts';
import { untilStep } from '../until-step.ts';

const startHeight = 2_089_000;

let daemonCase: DaemonCase;
beforeEach(async () => {
  // PoC is hours away: whatever is rented was ordered.
  daemonCase = await DaemonCase.build({ chain: { startHeight, firstPocStartHeight: startHeight + 6_000 } });
});
afterEach(() => daemonCase.close());

async function started(settings: Record<string, string> = {}) {
  const config = await daemonCase.town.config(settings);
  const { daemon } = await daemonCase.startWith(config);
  return { daemon, orders: createOperatorOrders(config, daemon) };
}

describe('the operator’s order to rent', () => {
  it.each([
    ['validation-end', 'sprint'],
    ['epoch-end', 'epoch'],
  ] as const)('until %s rents for the coming PoC at once and holds on until then', async (until, mode) => {
    const { daemon, orders } = await started();
    await untilStep(daemon, () => daemon.rows.rows({ chart: 'epoch' }).length > 0);
    const head = daemon.follower.head()!;
    const answer = orders.rent({ until });
    const hold = until === 'epoch-end' ? head.next.nextPocStartHeight : head.next.pocValidationEndHeight;
    expect(answer).toMatchObject({ epochIndex: head.next.epochIndex, mode, holdUntilHeight: hold });
    const [lease] = await daemonCase.leases((leases) => leases.length > 0);
    expect(lease?.owner).toBe(epochRow(head.next.epochIndex));
    const planNow = () =>
      (daemon.rows.row(epochRow(head.next.epochIndex))?.context as EpochContext | undefined)?.plan;
    expect(planNow()).toMatchObject({ mode, holdUntilHeight: hold });
    // The heads that follow change nothing of it, and a second order is too late.
    const seen = daemon.follower.head()?.height ?? 0;
    await expect.poll(() => daemon.follower.head()?.height ?? 0).toBeGreaterThan(seen);
    expect(planNow()?.mode).toBe(mode);
    expect(() => orders.rent({ until })).toThrow('is past its planning');
  });

  it('is refused where nothing is ever rented', async () => {
    const { orders } = await started({ RENTAL_POLICY: 'off' });
    expect(() => orders.rent({ until: 'epoch-end' })).toThrow('RENTAL_POLICY is off');
  });
});

describe('the operator’s order to release', () => {
  it('ends the machine that it names, by instance, and says so in its books', async () => {
    const { daemon, orders } = await started();
    await untilStep(daemon, () => daemon.rows.rows({ chart: 'epoch' }).length > 0);
    orders.rent({ until: 'validation-end' });
    const [lease] = await daemonCase.leases((leases) =>
      leases.some(({ context }) => (context as { instanceId: number | null }).instanceId !== null),
    );
    expect(orders.release({ instanceId: lease?.instanceId ?? 0 }).asked).toEqual([
      { leaseId: lease?.leaseId, instanceId: lease?.instanceId },
    ]);
    const ended = await daemonCase.leases(([first]) => first?.status === 'done');
    expect(ended[0]?.reason).toBe('the operator asked for it');
    expect(() => orders.release({ instanceId: lease?.instanceId ?? 0 })).toThrow(
      'no open lease has instance',
    );
    expect(() => orders.release({ leaseId: 'nobody' })).toThrow('no open lease has id nobody');
  });

  it('of all machines is fine where there is none', async () => {
    const { orders } = await started();
    expect(orders.release({ all: true })).toEqual({ asked: [] });
  });
});
