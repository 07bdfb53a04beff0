import { describe, expect, it } from 'vitest';
import { sink, worker } from './charts.ts';
import { CrashingStore } from './crashing-store.ts';
import { Rig } from './rig.ts';

const charts = { worker, sink };

function talking(wrap?: CrashingStore): Rig {
  const rig = new Rig(charts, wrap === undefined ? {} : { wrap: wrap.wrap });
  rig.runtime.open('sink', 'sink', undefined);
  rig.runtime.open('worker', 'w', undefined);
  return rig;
}

describe('a message between rows', () => {
  it('is delivered right after the commit of its sender, stamped with the time', () => {
    const rig = talking();
    rig.runtime.send('w', { type: 'TELL', n: 1 });
    expect(rig.context('sink')['notes']).toEqual([1]);
    expect(rig.events('sink').at(-1)).toEqual({ type: 'NOTE', n: 1, at: 1_000_000 });
    expect(rig.store.inbox.all()).toEqual([]);
  });

  it('comes exactly once when the process dies between the commit and the delivery', async () => {
    const crashes = new CrashingStore();
    const rig = talking(crashes);
    crashes.dieAt({ after: 2, when: 'before' });
    expect(rig.runtime.send('w', { type: 'TELL', n: 1 })).toBe(true);
    expect(crashes.hasCrashed).toBe(true);
    await rig.restart();
    expect(rig.context('sink')['notes']).toEqual([1]);
    await rig.restart();
    expect(rig.context('sink')['notes']).toEqual([1]);
  });

  it('comes exactly once when the process dies right after the delivery', async () => {
    const crashes = new CrashingStore();
    const rig = talking(crashes);
    crashes.dieAt({ after: 2, when: 'after' });
    rig.runtime.send('w', { type: 'TELL', n: 1 });
    await rig.restart();
    expect(rig.context('sink')['notes']).toEqual([1]);
    expect(rig.events('sink').filter(({ type }) => type === 'NOTE')).toHaveLength(1);
  });

  it('is not sent at all when its sender’s step did not commit', async () => {
    const crashes = new CrashingStore();
    const rig = talking(crashes);
    crashes.dieAt({ after: 1, when: 'before' });
    expect(() => rig.runtime.send('w', { type: 'TELL', n: 1 })).toThrow('died here');
    await rig.restart();
    expect(rig.context('sink')['notes']).toEqual([]);
  });

  it('keeps the order of its sender', async () => {
    const crashes = new CrashingStore();
    const rig = talking(crashes);
    for (let n = 1; n <= 3; n++) rig.runtime.send('w', { type: 'TELL', n });
    crashes.dieAt({ after: 2, when: 'before' });
    rig.runtime.send('w', { type: 'TELL', n: 4 });
    await rig.restart();
    for (let n = 5; n <= 6; n++) rig.runtime.send('w', { type: 'TELL', n });
    expect(rig.context('sink')['notes']).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('to a row that is missing is journaled with its sender and dropped', () => {
    const rig = talking();
    rig.runtime.send('w', { type: 'TELL.NOBODY' });
    expect(rig.events('w').at(-1)).toMatchObject({
      type: 'runtime.undelivered',
      to: 'nobody',
      event: { type: 'NOTE' },
    });
    expect(rig.store.inbox.all()).toEqual([]);
  });

  it('that the reader’s chart throws on is parked, and those behind it go on', () => {
    const rig = talking();
    rig.runtime.send('w', { type: 'TELL.BAD' });
    rig.runtime.send('w', { type: 'TELL', n: 2 });
    expect(rig.parked).toMatchObject([{ rowId: 'sink', event: { type: 'NOTE.BAD' } }]);
    expect(rig.context('sink')['notes']).toEqual([2]);
    expect(rig.store.inbox.all()).toEqual([]);
  });

  it('waits for a reader whose stored state does not fit, and the thousand-and-first is refused', async () => {
    const rig = talking();
    await rig.restart({ worker });
    expect(rig.runtime.row('sink')?.status).toBe('parked');
    for (let n = 0; n < 1001; n++) rig.runtime.send('w', { type: 'TELL', n });
    expect(rig.parked.at(-1)).toMatchObject({ rowId: 'w', fault: { code: 'STORE_FULL' } });
    await rig.restart(charts);
    expect(rig.context('sink')['notes']).toHaveLength(1000);
  });
});
