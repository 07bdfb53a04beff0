import { describe, expect, test } from 'vitest';
import type { EpochContext } from '../../src/machines/epoch-context.ts';
import type { EpochPlan } from '../../src/policy/epoch-plan.ts';
import { height, news, opening, renting, terminal } from './epoch-alone.ts';
import type { OneRow } from './one-row.ts';

describe('a machine that is lost in the middle', () => {
  async function replacing(mode: EpochPlan['mode']): Promise<OneRow<EpochContext>> {
    const row = await renting(mode, 1);
    await row.done(opening('A'));
    await row.send(news('LEASE.READY', 'A'));
    height(row, 1_000);
    await row.send(news('LEASE.ENDED', 'A', { fault: terminal }));
    expect([row.state, row.context.hasPocStarted]).toEqual(['replacing.choosing', true]);
    return row;
  }

  test('is given up in a sprint when the generation ends before another one is there', async () => {
    const row = await replacing('sprint');
    height(row, 1_060);
    await row.started();
    expect([row.state, row.context.outcome]).toEqual(['releasing.counting', 'failed']);
  });

  test.each([
    ['validates', [1_060], 'validating'],
    ['is held', [1_060, 1_185], 'holding'],
  ] as const)('is made good under the epoch policy, and the other one %s', async (_, heights, state) => {
    const row = await replacing('epoch');
    for (const at of heights) {
      height(row, at);
      await row.started();
    }
    expect(row.running?.input).toMatchObject({ isReplacement: true });
    await row.done(opening('B', 71));
    await row.send(news('LEASE.READY', 'B'));
    expect([row.state, row.context.outcome]).toEqual([state, null]);
  });

  test('is not looked for any longer than the machine would have been held', async () => {
    const row = await replacing('epoch');
    for (const at of [1_060, 1_185, 1_600]) {
      height(row, at);
      await row.started();
    }
    expect(row.state).toBe('releasing.counting');
  });
});

describe('a search that fails', () => {
  test('for a reason that only a person mends waits two minutes, with an alert', async () => {
    const row = await renting('sprint', 1);
    await row.fail('VAST_NO_CREDIT');
    expect([row.state, row.alerts]).toEqual(['renting.waitingForPerson', ['VAST_NO_CREDIT']]);
    expect(row.context.fault?.code).toBe('VAST_NO_CREDIT');
    expect(await row.lasts(120_000)).toBe(true);
  });

  test('while another machine is on its way is no news for a person', async () => {
    const row = await renting('sprint', 2);
    await row.done(opening('A'));
    await row.fail('VAST_NO_CREDIT');
    expect([row.state, row.alerts]).toEqual(['renting.pausing', []]);
  });
});
