import { describe, expect, test } from 'vitest';
import type { ReconcilerContext } from '../../src/machines/reconciler.ts';
import { charts } from '../../src/wiring/charts.ts';
import { OneRow } from './one-row.ts';

const reconciler = () => new OneRow<ReconcilerContext>(charts.reconciler, ['findOrphans', 'destroyOrphans']);
const orphans = [4_711, 4_712].map((instanceId) => ({ instanceId, label: `ghm:test:${instanceId}:1` }));

describe('the reconciler', () => {
  test('knows of no orphan at first, and looks again every 45 seconds while it finds none', async () => {
    const row = await reconciler().started();
    expect(row.context).toEqual({ orphans: [], destroyed: 0 });
    expect(row.running).toEqual({ actor: 'findOrphans', input: null });
    await row.done({ orphans: [] });
    expect([row.state, row.alerts]).toEqual(['resting', []]);
    expect(await row.lasts(45_000)).toBe(true);
    expect(row.state).toBe('looking');
  });

  test('destroys what it finds, says which, and counts what is destroyed', async () => {
    const row = reconciler();
    await row.done({ orphans });
    expect(row.running).toEqual({ actor: 'destroyOrphans', input: { orphans } });
    expect(row.rig.runtime.alerts()).toMatchObject([
      { code: 'VAST_ORPHAN_FOUND', message: 'destroying instances that no lease knows: 4711, 4712' },
    ]);
    await row.done({ destroyed: 2 });
    expect(row.context).toEqual({ orphans: [], destroyed: 2 });
    expect(await row.lasts(15_000)).toBe(true);
    await row.done({ orphans: orphans.slice(1) });
    await row.done({ destroyed: 1 });
    expect(row.context.destroyed).toBe(3);
  });

  test('is content only when the next list shows that they are gone', async () => {
    const row = reconciler();
    await row.done({ orphans });
    await row.done({ destroyed: 2 });
    expect([row.state, row.alerts]).toEqual(['waiting', ['VAST_ORPHAN_FOUND']]);
    await row.rig.clock.advanceBy(15_000);
    await row.done({ orphans: [] });
    expect([row.state, row.alerts]).toEqual(['resting', []]);
  });

  test('looks again soon after a destroy that failed, and counts nothing', async () => {
    const row = reconciler();
    await row.done({ orphans });
    await row.fail('VAST_UNREACHABLE');
    expect([row.state, row.context.destroyed]).toEqual(['waiting', 0]);
    expect(await row.lasts(15_000)).toBe(true);
    expect(row.running).toEqual({ actor: 'findOrphans', input: null });
  });

  test('destroys nothing by a list that does not count, and says so until one does', async () => {
    const row = reconciler();
    await row.fail('VAST_LIST_UNKNOWN');
    expect([row.state, row.alerts]).toEqual(['waiting', ['VAST_LIST_UNKNOWN']]);
    expect(row.rig.runtime.alerts()[0]?.message).toBe('VAST_LIST_UNKNOWN in a test');
    await row.rig.clock.advanceBy(15_000);
    await row.done({ orphans: [] });
    expect([row.state, row.alerts]).toEqual(['resting', []]);
  });

  test.each([
    ['resting', { orphans: [] }],
    ['waiting', null],
  ])('looks at once when it is asked to while it is %s', async (state, found) => {
    const row = reconciler();
    await (found === null ? row.fail('VAST_UNREACHABLE') : row.done(found));
    expect(row.state).toBe(state);
    await row.send({ type: 'RECONCILER.LOOK_ASKED' });
    expect(row.running).toEqual({ actor: 'findOrphans', input: null });
  });
});
