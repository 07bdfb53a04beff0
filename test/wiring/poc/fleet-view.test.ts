import { describe, expect, it } from 'vitest';
import type { RowEvent } from '../../../src/runtime/interface.ts';
import { tellFleetRefusals } from '../../../src/wiring/poc/fleet-refusal.ts';
import { fleetView } from '../../../src/wiring/poc/fleet-view.ts';
import { batchBody, FleetCase } from './fleet-case.ts';

describe('what is shown of a fleet', () => {
  it('is nothing but its width while no PoC runs', () => {
    const { desk, post } = new FleetCase(3);
    expect(fleetView({ width: 3, version: 'v1', desk, post })).toEqual({
      width: 3,
      refusal: null,
      pocStartHeight: null,
      machines: [],
    });
  });

  it('is each machine with its share and what came of it', async () => {
    const fleet = new FleetCase(3);
    fleet.ready('A');
    fleet.ready('B');
    await fleet.call('init/generate');
    await fleet.clock.advanceBy(120_000);
    await fleet.call('init/validate');
    fleet.ready('C');
    await fleet.clock.advanceBy(60_000);
    fleet.machines.get('A')!.world.faults.set('senderStalls', 1);
    for (const key of ['0301', '0302', '0303']) await fleet.call('validate', batchBody(key));
    await fleet.clock.advanceBy(60_000);
    const view = fleetView({ width: 3, version: 'v1', desk: fleet.desk, post: fleet.post });
    expect(view).toMatchObject({ width: 3, refusal: null, pocStartHeight: 2_089_140 });
    const [a, b, c] = view.machines;
    expect(a).toMatchObject({ leaseId: 'A', standing: 'working', share: { from: 3, step: 14 } });
    expect(b).toMatchObject({ leaseId: 'B', share: { from: 10, step: 14 } });
    expect(c).toMatchObject({ leaseId: 'C', share: null, noncesDelivered: 0 });
    expect(a!.noncesDelivered + b!.noncesDelivered).toBe(fleet.nonces.length);
    expect(a!.batchesWaiting).toBeGreaterThan(0);
    expect(a!.batchesWaiting + b!.verdictsDelivered + c!.verdictsDelivered).toBe(3);
  });

  it('says why PoC v2 is not shared', async () => {
    const { desk, post } = new FleetCase(3);
    const { refusal } = fleetView({ width: 3, version: 'v2', desk, post });
    expect(refusal).toMatch(/GPU_FLEET_WIDTH=3 .*PoC v2 runs on one machine/);
  });
});

describe('a fleet that PoC v2 does not allow', () => {
  it('is refused in the log at each PoC that is planned', () => {
    let tell: (entry: { chart: string; rowId: string; event: RowEvent }) => void = () => {};
    const said: unknown[] = [];
    const log = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: (fields: unknown) => said.push(fields),
    };
    const refusalsOf = (width: number, version: 'v1' | 'v2'): unknown[] => {
      said.length = 0;
      const leave = tellFleetRefusals(
        { rental: { fleetWidth: width } },
        {
          rows: { onStep: (listener) => ((tell = listener as typeof tell), () => {}) },
          planning: { pocVersion: () => version },
        },
        log,
      );
      tell({ chart: 'epoch', rowId: 'epoch:7', event: { type: 'xstate.init' } });
      tell({ chart: 'epoch', rowId: 'epoch:7', event: { type: 'HEIGHT.RENT' } });
      leave();
      return [...said];
    };
    expect(refusalsOf(3, 'v2')).toEqual([
      { rowId: 'epoch:7', refusal: expect.stringContaining('PoC v2 runs on one machine') },
    ]);
    expect(refusalsOf(3, 'v1')).toEqual([]);
    expect(refusalsOf(1, 'v2')).toEqual([]);
  });
});
