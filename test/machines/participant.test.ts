import { describe, expect, test } from 'vitest';
import type { ParticipantContext } from '../../src/machines/participant.ts';
import { volatileCharts } from '../../src/wiring/charts.ts';
import { OneRow } from './one-row.ts';

const address = 'gonka1own';
const participant = () =>
  new OneRow<ParticipantContext>(volatileCharts.participant, ['askForAccount'], { address });

describe('the host account on the chain', () => {
  test('is asked for by its address, and again every hour while it is known', async () => {
    const row = await participant().started();
    expect(row.running).toEqual({ actor: 'askForAccount', input: { address } });
    await row.done(true);
    expect([row.state, row.alerts]).toEqual(['known', []]);
    expect(await row.lasts(3_600_000)).toBe(true);
    expect(row.state).toBe('asking');
  });

  test('that is missing raises an alert with its address, until it is there', async () => {
    const row = participant();
    await row.done(false);
    expect([row.state, row.alerts]).toEqual(['missing', ['PARTICIPANT_MISSING']]);
    expect(row.rig.runtime.alerts()[0]?.message).toContain(`${address} (GONKA_HOST_ADDRESS)`);
    expect(await row.lasts(600_000)).toBe(true);
    await row.done(false);
    expect(row.alerts).toEqual(['PARTICIPANT_MISSING']);
    await row.rig.clock.advanceBy(600_000);
    await row.done(true);
    expect([row.state, row.alerts]).toEqual(['known', []]);
  });

  test('is unknown while the chain does not answer: no alert comes or goes, and it is asked again in a minute', async () => {
    const row = participant();
    await row.fail('CHAIN_UNREACHABLE');
    expect([row.state, row.alerts, row.context.fault?.code]).toEqual(['waiting', [], 'CHAIN_UNREACHABLE']);
    expect(await row.lasts(60_000)).toBe(true);
    await row.done(false);
    await row.rig.clock.advanceBy(600_000);
    await row.fail('CHAIN_BAD_ANSWER');
    expect([row.state, row.alerts]).toEqual(['waiting', ['PARTICIPANT_MISSING']]);
    await row.rig.clock.advanceBy(60_000);
    await row.done(true);
    expect([row.alerts, row.context.fault]).toEqual([[], null]);
  });
});
