import { describe, expect, test } from 'vitest';
import type { RegistrationCheck, RegistrationContext } from '../../src/machines/registration.ts';
import { charts } from '../../src/wiring/charts.ts';
import { OneRow } from './one-row.ts';

const registration = () =>
  new OneRow<RegistrationContext>(charts.registration, ['compareDefinition', 'upsertDefinition']);
const agrees: RegistrationCheck = { isListed: true, differences: [], nodeNum: 5 };
const differs: RegistrationCheck = { isListed: true, differences: ['host'], nodeNum: 5 };
const missing: RegistrationCheck = { isListed: false, differences: ['not listed'], nodeNum: null };

/** Three upserts that the list does not show. */
async function refused(): Promise<OneRow<RegistrationContext>> {
  const row = registration();
  for (let upserts = 0; upserts < 3; upserts++) {
    await row.done(differs);
    await row.done();
  }
  await row.done(differs);
  return row;
}

describe('registration', () => {
  test('rests while the list agrees, and looks again every minute', async () => {
    const row = registration();
    await row.done(agrees);
    expect(row.state).toBe('registered');
    expect(row.context.nodeNum).toBe(5);
    expect(await row.lasts(60_000)).toBe(true);
    expect(row.state).toBe('checking');
  });

  test.each([
    ['does not list the node', missing],
    ['lists another definition', differs],
  ])('upserts when the admin API %s, and takes the list as the proof', async (_name, check) => {
    const row = registration();
    await row.done(check);
    expect(row.state).toBe('registering');
    expect(row.context.differences).toEqual(check.differences);
    await row.done();
    expect(row.state).toBe('checking');
    await row.done(agrees);
    expect(row.state).toBe('registered');
    expect(row.context).toMatchObject({ upserts: 0, differences: [], fault: null });
  });

  test('is refused after three upserts that never show, says so, and rests five minutes', async () => {
    const row = await refused();
    expect(row.state).toBe('refused');
    expect(row.alerts).toEqual(['NETWORK_NODE_REFUSED']);
    expect(await row.lasts(300_000)).toBe(true);
    expect(row.state).toBe('checking');
  });

  test('tries again after the rest: what stood in the way may have been mended', async () => {
    const row = await refused();
    await row.rig.clock.advanceBy(300_000);
    await row.done(missing);
    expect(row.state).toBe('registering');
    await row.done();
    await row.done(agrees);
    expect(row.state).toBe('registered');
    expect(row.alerts).toEqual([]);
  });

  test('tries again at once when a person asks for it', async () => {
    const row = await refused();
    await row.send({ type: 'REGISTRATION.RECHECK_ASKED' });
    await row.done(differs);
    expect(row.state).toBe('registering');
  });

  test('an outage of the admin API is no refusal: upserts that did not arrive do not count', async () => {
    const row = registration();
    for (let outages = 0; outages < 5; outages++) {
      await row.done(missing);
      await row.fail('NETWORK_NODE_UNREACHABLE');
      expect(row.state).toBe('waiting');
      expect(await row.lasts(15_000)).toBe(true);
    }
    await row.done(missing);
    expect(row.state).toBe('registering');
    await row.done();
    await row.done(agrees);
    expect(row.state).toBe('registered');
    expect(row.alerts).toEqual([]);
  });

  test.each([
    ['NETWORK_NODE_UNREACHABLE', 'waiting', 15_000],
    ['NETWORK_NODE_BAD_ANSWER', 'refused', 300_000],
  ] as const)('%s while looking: %s, with an alert, and another look', async (code, state, ms) => {
    const row = registration();
    await row.fail(code);
    expect(row.state).toBe(state);
    expect(row.context.fault?.code).toBe(code);
    expect(row.alerts).toEqual([code]);
    expect(await row.lasts(ms)).toBe(true);
    expect(row.state).toBe('checking');
  });

  test.each([
    ['NETWORK_NODE_UNREACHABLE', 'waiting'],
    ['NETWORK_NODE_REFUSED', 'refused'],
  ] as const)('%s while writing: %s, with an alert', async (code, state) => {
    const row = registration();
    await row.done(missing);
    await row.fail(code);
    expect(row.state).toBe(state);
    expect(row.alerts).toEqual([code]);
  });

  test('an address at which the node does not find itself is a case for a person, and is tried again', async () => {
    const row = registration();
    for (let tries = 0; tries < 4; tries++) {
      await row.done(missing);
      await row.fail('REGISTRATION_UNREACHABLE');
      expect(row.state).toBe('refused');
      expect(row.alerts).toEqual(['REGISTRATION_UNREACHABLE']);
      expect(await row.lasts(300_000)).toBe(true);
    }
    await row.done(missing);
    await row.done();
    await row.done(agrees);
    expect([row.state, row.alerts]).toEqual(['registered', []]);
  });

  test('notes the number before, whenever the Network Node gives another one', async () => {
    const row = registration();
    await row.done(agrees);
    expect(row.context).toMatchObject({ nodeNum: 5, formerNodeNum: null });
    await row.rig.clock.advanceBy(60_000);
    await row.done(missing);
    expect(row.context).toMatchObject({ nodeNum: 5, formerNodeNum: null });
    await row.done();
    await row.done({ ...agrees, nodeNum: 6 });
    expect(row.context).toMatchObject({ nodeNum: 6, formerNodeNum: 5 });
    await row.rig.clock.advanceBy(60_000);
    await row.done({ ...agrees, nodeNum: 6 });
    expect(row.context).toMatchObject({ nodeNum: 6, formerNodeNum: 5 });
  });

  test('a recheck is taken in every state, and begins the look anew', async () => {
    const row = registration();
    await row.rig.clock.advanceBy(0);
    const first = row.intentId;
    await row.send({ type: 'REGISTRATION.RECHECK_ASKED' });
    expect(row.state).toBe('checking');
    expect(row.intentId).not.toBe(first);
    await row.done(agrees);
    await row.send({ type: 'REGISTRATION.RECHECK_ASKED' });
    expect(row.state).toBe('checking');
    await row.fail('NETWORK_NODE_UNREACHABLE');
    await row.send({ type: 'REGISTRATION.RECHECK_ASKED' });
    expect(row.state).toBe('checking');
  });

  test('goes on where it stood after a crash', async () => {
    const row = registration();
    await row.done(missing);
    await row.rig.restart();
    expect(row.running?.actor).toBe('upsertDefinition');
    await row.done();
    await row.done(agrees);
    await row.rig.restart();
    expect(row.state).toBe('registered');
    expect(await row.lasts(60_000)).toBe(true);
  });
});
