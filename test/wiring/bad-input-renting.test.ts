import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DaemonCase } from './daemon-case.ts';
import { serveHtml } from './gateway/html-server.ts';

/** PoC is far enough for a second machine, renting begins at once, and no rival is launched beside a machine. */
const settings = { POC_PREP_TIME: '10800', MAX_POC_DURATION: '86400', POC_HEDGES: '0' };
const chain = { firstPocStartHeight: 2_090_500, params: { epochLength: 15_391 } };

describe('an epoch that cannot rent', () => {
  let daemons: DaemonCase;
  beforeEach(async () => {
    daemons = await DaemonCase.build({ settings, chain });
  });
  afterEach(() => daemons.close());

  /** The next start on repaired settings takes up the same epoch and rents for it. */
  async function expectToGoOn(): Promise<void> {
    await daemons.stop(true);
    const { daemon } = await daemons.start();
    const [lease] = await daemons.leases((leases) => leases.some(({ value }) => value === 'loading'));
    expect(lease?.owner).toBe('epoch:136');
    expect(daemon.rows.row('epoch:136')).toMatchObject({ value: 'booting' });
    expect(await daemons.stop()).toMatchObject({ left: [] });
    expect(await daemons.vastBooks()).toMatchObject({ live: 0 });
  }

  it('because no offer is within the price looks again in a moment, and names the setting', async () => {
    await daemons.start({ VASTAI_MAX_PRICE: '0.01' });
    expect(await daemons.alert('renting')).toMatchObject({
      code: 'VAST_NO_OFFER',
      message: 'no offer up to $0.0100/h (VASTAI_MAX_PRICE) meets the needs',
    });
    expect(await daemons.epochRenting('pausing')).toMatchObject({ rentals: 0 });
    await daemons.epochRenting('choosing');
    expect(await daemons.vastBooks()).toMatchObject({ instancesCreated: 0 });
    await expectToGoOn();
  });

  it.each([
    ['the key is wrong', { VASTAI_API_KEY: 'not-the-key' }, 'VAST_KEY_REFUSED'],
    ['a rental could pass the daily cap', { MAX_DAILY_SPEND: '0.01' }, 'SPEND_CAP_REACHED'],
    ['a machine would be held too long', { MAX_POC_DURATION: '60' }, 'HOLD_TOO_LONG'],
  ])('because %s waits for a person', async (_, wrong, code) => {
    await daemons.start(wrong);
    const { message } = await daemons.alert('renting').then((alert) => {
      expect(alert.code).toBe(code);
      return alert;
    });
    expect(message).toMatch(/Vast\.ai|caps|MAX_POC_DURATION/);
    expect(message).not.toContain('not-the-key');
    expect(await daemons.epochRenting('waitingForPerson')).toMatchObject({ rentals: 0, fault: { code } });
    expect(await daemons.vastBooks()).toMatchObject({ instancesCreated: 0 });
    await expectToGoOn();
  });

  it('because the URL of Vast.ai is a page for people says so and asks again', async () => {
    const html = await serveHtml();
    await daemons.start({ VASTAI_BASE_URL: html.url });
    expect(await daemons.alert('renting')).toMatchObject({
      code: 'VAST_BAD_ANSWER',
      message: expect.stringMatching(/Vast\.ai.*200 \(no JSON\)/),
    });
    await daemons.epochRenting('pausing');
    await expectToGoOn();
    html.close();
  });

  it('because the account is empty waits for a person, and blames no machine', async () => {
    await daemons.town.fault('vast', 'noCredit', 1);
    await daemons.start();
    expect(await daemons.epochRenting('waitingForPerson')).toMatchObject({
      rentals: 1,
      failures: 0,
      failedMachineIds: [],
      fault: { code: 'VAST_NO_CREDIT' },
    });
    expect(await daemons.alert('renting')).toMatchObject({ code: 'VAST_NO_CREDIT' });
    await daemons.town.fault('vast', 'noCredit', 0);
    await daemons.leases((leases) => leases.some(({ value }) => value === 'loading'));
    expect(daemons.alerts()).toEqual([]);
  });

  it('because the image does not exist waits for a person instead of trying host after host', async () => {
    await daemons.start({ DOCKER_IMAGE: 'example.org/does-not-exist:1' });
    const epoch = await daemons.epochRenting('waitingForPerson');
    expect(epoch).toMatchObject({ rentals: 1, failures: 1, failedMachineIds: [] });
    expect(await daemons.alert('renting')).toMatchObject({
      code: 'VAST_IMAGE_MISSING',
      message: expect.stringContaining('example.org/does-not-exist:1'),
    });
    const [lease] = await daemons.leases((leases) => leases.every(({ value }) => value === 'gone'));
    expect(lease).toMatchObject({ reason: 'VAST_IMAGE_MISSING', fault: { class: 'operator' } });
    expect(await daemons.vastBooks()).toMatchObject({ instancesCreated: 1, live: 0 });
    await expectToGoOn();
  });

  it('because images cannot be pulled gives the PoC up after VASTAI_START_RETRIES further machines', async () => {
    await daemons.start({ DOCKER_IMAGE: 'example.org/does-not-exist:1', VASTAI_START_RETRIES: '1' });
    await daemons.leases((leases) => leases.length === 2);
    const alert = await new Promise<string>((resolve) => {
      const leave = daemons.daemon.rows.onStep(() => {
        const found = daemons.alerts().find(({ code }) => code === 'RENTAL_TRIES_SPENT');
        if (found !== undefined) resolve((leave(), found.message));
      });
    });
    expect(alert).toBe('2 machines failed for PoC 136 (VASTAI_START_RETRIES)');
    expect(await daemons.vastBooks()).toMatchObject({ instancesCreated: 2 });
  });
});

describe('a machine that', () => {
  let daemons: DaemonCase;
  beforeEach(async () => {
    daemons = await DaemonCase.build({
      settings: { ...settings, VASTAI_INSTANCE_READY_TIMEOUT: '120', VASTAI_SSH_READY_TIMEOUT: '60' },
      chain,
    });
  });
  afterEach(() => daemons.close());

  it.each([
    ['never boots', 'neverBoots', 'MACHINE_NEVER_BOOTED', /loading the image took too long/],
    ['fails to start its container', 'ociFails', 'VAST_INSTANCE_FAILED', /OCI runtime create failed/],
    ['loses its GPU to somebody else', 'intendedStopped', 'VAST_INSTANCE_FAILED', /intended stopped/],
  ])('%s is returned, and another one is rented at once', async (_, fault, code, says) => {
    await daemons.town.fault('vast', fault, 1);
    await daemons.start();
    const [first, second] = await daemons.leases(
      (leases) => leases.length > 1 && leases[0]?.value === 'gone',
    );
    expect(first?.fault).toMatchObject({ code, class: 'terminal', message: expect.stringMatching(says) });
    expect(second?.offer.machineId).not.toBe(first?.offer.machineId);
    expect(daemons.daemon.rows.row('epoch:136')?.context).toMatchObject({
      failedMachineIds: [first?.offer.machineId],
    });
    const { instances } = await daemons.vastBooks();
    expect(instances[0]).toMatchObject({ machineId: first?.offer.machineId, state: 'destroyed' });
    expect(await daemons.stop()).toMatchObject({ left: [] });
  });

  it('runs but is never reached by SSH is returned, and another one is rented', async () => {
    await daemons.start();
    const [first] = await daemons.leases((leases) => leases.length > 1 && leases[0]?.value === 'gone');
    expect(first?.fault).toMatchObject({
      code: 'MACHINE_NEVER_BOOTED',
      message: 'the SSH login took too long',
    });
  });
});
