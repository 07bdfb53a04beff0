import { afterEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../../src/alerts/notice.ts';
import { type ServedNeighbour, serveNeighbour } from '../../../src/sandbox/http-neighbour.ts';
import { ReceiversWorld } from '../../../src/world/receivers/receivers-world.ts';
import { DaemonCase } from '../daemon-case.ts';
import { untilStep } from '../until-step.ts';

const secrets = { telegramToken: '7:t', discordToken: 'd', slackToken: 's', hookToken: 'h' };

let house: DaemonCase | undefined;
let served: ServedNeighbour | undefined;
afterEach(async () => {
  await house?.close();
  await served?.close();
  house = undefined;
});

/** A daemon whose alerts go to a web hook on loopback, at 200 times the speed of time. */
async function listeningDaemon(settings: Record<string, string> = {}) {
  const world = new ReceiversWorld(secrets);
  served = await serveNeighbour(world, { port: 0 });
  house = await DaemonCase.build();
  const hook = { ALERT_WEBHOOK_URL: `http://127.0.0.1:${served.port}/hook/h`, ...settings };
  const notices = (): Notice[] => world.taken.map(({ body }) => body as unknown as Notice);
  const told = async (kind: string, event = 'raised'): Promise<Notice> => {
    for (;;) {
      const found = notices().find((notice) => notice.kind === kind && notice.event === event);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { house, world, hook, notices, told };
}

describe('the alerts of a whole daemon', () => {
  it('reach a web hook, with a link that leads to a page which the daemon serves', async () => {
    const { house: at, hook, told } = await listeningDaemon();
    const config = await at.town.config(hook);
    await at.town.fault('chain', 'unreachable', 1);
    const { inspectionUrl } = await at.startWith(config);
    const notice = await told('chain-stale');
    expect(notice.runbook).toBe(`${inspectionUrl}/v1/runbooks/chain-stale.md`);
    const page = await fetch(notice.runbook);
    expect(page.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(await page.text()).toContain('# No new block height from any chain source');
    expect((await fetch(`${inspectionUrl}/v1/runbooks/..%2F..%2Fpackage`)).status).toBe(404);
    const answer = (await (await fetch(`${inspectionUrl}/v1/notices`)).json()) as { notices: object[] };
    expect(answer.notices).toMatchObject([
      { channel: 'webhook', status: 'sent', notice: { kind: 'chain-stale' } },
    ]);
    await at.town.fault('chain', 'unreachable', 0);
    expect((await told('chain-stale', 'recovered')).incident).toBe(notice.incident);
  });

  it('tell of a DEPLOYMENT_ID that is nowhere but in the store, where info is asked for', async () => {
    const {
      house: at,
      hook,
      told,
    } = await listeningDaemon({
      ALERTS_MIN_SEVERITY: 'info',
      DEPLOYMENT_ID: '',
      RENTAL_POLICY: 'off',
    });
    await at.start(hook);
    expect((await told('deployment-unsaved')).severity).toBe('info');
  });

  it('tell of an account that has too little for the next rental', async () => {
    const { house: at, hook, told } = await listeningDaemon();
    await at.close();
    house = await DaemonCase.build({ vast: { creditUsd: 0.01 } });
    await house.start(hook);
    expect((await told('credit-low')).message).toContain('$0.0100');
  });

  it('tell of a registration that somebody took away, although it is put back at once', async () => {
    const { house: at, hook, told } = await listeningDaemon({ RENTAL_POLICY: 'off' });
    const { daemon } = await at.start(hook);
    const isRegistered = (): boolean => daemon.rows.row('registration')?.value === 'registered';
    await untilStep(daemon, isRegistered);
    await fetch(`${at.town.url('networkNode')}/admin/v1/nodes/hybrid-mlnode-1`, { method: 'DELETE' });
    expect((await told('registration-renewed')).message).toContain('not listed');
  });

  it('tell that nobody answers inference', async () => {
    const { house: at, hook, told } = await listeningDaemon({ RENTAL_POLICY: 'off' });
    await at.start(hook);
    await at.town.fault('upstream', 'keyRefused', 1);
    expect((await told('inference-down')).severity).toBe('critical');
  });
});
