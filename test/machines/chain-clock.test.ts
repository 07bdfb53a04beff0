import { describe, expect, test } from 'vitest';
import type { ChainClockContext } from '../../src/machines/chain-clock.ts';
import { blockTimePriorMs } from '../../src/policy/block-time.ts';
import { volatileCharts } from '../../src/wiring/charts.ts';
import { OneRow } from './one-row.ts';

const input = { pauseMs: 5_000, staleAfterMs: 100_000, haltAfterMs: 600_000 };
const chainClock = () => new OneRow<ChainClockContext>(volatileCharts.chainClock, ['readHead'], input);

/** The source answers with a head, seen now. */
const head = (row: OneRow<ChainClockContext>, height: number): Promise<void> =>
  row.done({ height, seenAt: row.rig.clock.now(), source: 'a' });

describe('the chain clock', () => {
  test('asks, pauses, and asks again', async () => {
    const row = await chainClock().started();
    expect(row.running).toEqual({ actor: 'readHead', input: null });
    expect(row.state).toBe('asking.reading standing.syncing');
    await head(row, 10);
    expect(row.state).toBe('asking.pausing standing.following');
    expect(row.context.head).toMatchObject({ height: 10, source: 'a' });
    expect(await row.lasts(5_000)).toBe(true);
    expect(row.state).toBe('asking.reading standing.following');
  });

  test('a failure of the source is noted and asked again after the pause', async () => {
    const row = chainClock();
    await row.fail('CHAIN_BAD_ANSWER');
    expect(row.state).toBe('asking.pausing standing.syncing');
    expect(row.context.fault?.code).toBe('CHAIN_BAD_ANSWER');
    await row.rig.clock.advanceBy(5_000);
    await head(row, 10);
    expect(row.context.fault).toBeNull();
  });

  test('the same height is an answer, but no progress; a lower one never turns the clock back', async () => {
    const row = chainClock();
    await head(row, 10);
    await row.rig.clock.advanceBy(5_000);
    await row.fail('CHAIN_UNREACHABLE');
    await row.rig.clock.advanceBy(5_000);
    await head(row, 10);
    expect(row.context.fault).toBeNull();
    await row.rig.clock.advanceBy(5_000);
    await head(row, 9);
    expect(row.context.head).toMatchObject({ height: 10 });
    expect(row.context.samples).toHaveLength(1);
    await row.rig.clock.advanceBy(85_000 - 1);
    expect(row.state).toContain('standing.following');
    await row.rig.clock.advanceBy(1);
    expect(row.state).toContain('standing.stale');
  });

  test('measures the block time once it saw enough blocks', async () => {
    const row = chainClock();
    for (let height = 1; height <= 12; height++) {
      expect(row.context.blockTimeMs).toBe(blockTimePriorMs);
      await head(row, height);
      if (height < 12) await row.rig.clock.advanceBy(5_000);
      if (height === 10) expect(row.context.blockTimeMs).toBe(blockTimePriorMs);
      if (height === 11) break;
    }
    expect(row.context.blockTimeMs).toBe(5_000);
  });

  test('without a first head it is stale after the limit, then halted, and says so', async () => {
    const row = chainClock();
    await row.rig.clock.advanceBy(99_999);
    expect(row.state).toBe('asking.reading standing.syncing');
    await row.rig.clock.advanceBy(1);
    expect(row.state).toBe('asking.reading standing.stale');
    expect(row.alerts).toEqual(['CHAIN_UNREACHABLE']);
    await row.rig.clock.advanceBy(600_000 - 1);
    expect(row.state).toBe('asking.reading standing.stale');
    await row.rig.clock.advanceBy(1);
    expect(row.state).toBe('asking.reading standing.halted');
  });

  test('the alert names what the source did wrong', async () => {
    const row = chainClock();
    await row.fail('CHAIN_BAD_ANSWER');
    await row.rig.clock.advanceBy(100_000);
    expect(row.alerts).toEqual(['CHAIN_BAD_ANSWER']);
  });

  test.each([
    ['stale', 100_000],
    ['halted', 700_000],
  ])('a new height ends %s, and its alert', async (standing, ms) => {
    const row = chainClock();
    await row.rig.clock.advanceBy(ms);
    expect(row.state).toBe(`asking.reading standing.${standing}`);
    await head(row, 10);
    expect(row.state).toBe('asking.pausing standing.following');
    expect(row.alerts).toEqual([]);
  });

  test('every new height starts the wait for staleness anew', async () => {
    const row = chainClock();
    for (let height = 10; height < 14; height++) {
      await head(row, height);
      await row.rig.clock.advanceBy(90_000);
      expect(row.state).toBe('asking.reading standing.following');
    }
    await row.rig.clock.advanceBy(10_000);
    expect(row.state).toBe('asking.reading standing.stale');
  });

  test('a new pace asks at once, or lets the running question finish', async () => {
    const row = chainClock();
    await row.rig.clock.advanceBy(0);
    const first = row.intentId;
    await row.send({ type: 'CLOCK.PACE_SET', pauseMs: 60_000 });
    expect(row.intentId).toBe(first);
    await head(row, 10);
    await row.send({ type: 'CLOCK.PACE_SET', pauseMs: 7_000 });
    expect(row.state).toBe('asking.reading standing.following');
    await head(row, 11);
    expect(await row.lasts(7_000)).toBe(true);
  });
});
