import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InspectionState } from '../../src/server/inspection/inspection-state.ts';
import { untilStep } from './until-step.ts';
import { DaemonCase } from './daemon-case.ts';
import { serveHtml } from './gateway/html-server.ts';

describe('a daemon whose neighbour', () => {
  let daemons: DaemonCase;
  let html: Awaited<ReturnType<typeof serveHtml>>;
  beforeEach(async () => {
    html = await serveHtml();
    // The chain counts as stale after 110 s at this check interval.
    daemons = await DaemonCase.build({ settings: { POC_CHECK_INTERVAL: '30' } });
  });
  afterEach(async () => {
    await daemons.close();
    html.close();
  });

  const host = (name: 'chain' | 'networkNode'): string => new URL(daemons.town.url(name)).host;

  /** What an operator sees, over HTTP. */
  async function state(inspectionUrl: string): Promise<InspectionState> {
    return (await (await fetch(`${inspectionUrl}/v1/state`)).json()) as InspectionState;
  }

  it.each([
    ['chain does not answer', 'unreachable', 'CHAIN_UNREACHABLE'],
    ['chain answers a page for people', 'html', 'CHAIN_BAD_ANSWER'],
    ['chain answers an error', 'error500', 'CHAIN_BAD_ANSWER'],
  ])('%s says so, answers its Network Node, and goes on once the chain is back', async (_, fault, code) => {
    await daemons.town.fault('chain', fault, 1);
    const { gatewayUrl } = await daemons.start();
    expect(await daemons.alert('chain')).toMatchObject({
      code,
      message: expect.stringContaining(host('chain')),
    });
    const polled = await fetch(`${gatewayUrl}/api/v1/state`);
    expect([polled.status, await polled.json()]).toMatchObject([200, { state: 'INFERENCE' }]);
    await daemons.town.fault('chain', fault, 0);
    await daemons.noAlert('chain');
    await untilStep(daemons.daemon, () => daemons.daemon.rows.rows({ chart: 'epoch' }).length > 0);
  });

  it('chain source is somebody’s home page asks the next source', async () => {
    await daemons.start({ GONKA_NETWORK_NODE_URL: `${html.url},${daemons.town.url('chain')}` });
    await untilStep(daemons.daemon, () => daemons.daemon.follower.head() !== undefined);
    expect(daemons.daemon.rows.rows({ chart: 'epoch' })).toHaveLength(1);
  });

  it.each([
    ['admin API is some other service', 'adminOther', 'NETWORK_NODE_BAD_ANSWER', /port 9200/],
    ['admin API does not answer', 'down', 'NETWORK_NODE_UNREACHABLE', /./],
  ])('%s says so, and registers once it is the right one', async (_, fault, code, hint) => {
    await daemons.town.fault('networkNode', fault, 1);
    await daemons.start();
    const alert = await daemons.alert('registration');
    expect(alert.code).toBe(code);
    expect(alert.message).toContain(host('networkNode'));
    expect(alert.message).toMatch(hint);
    await daemons.town.fault('networkNode', fault, 0);
    await daemons.noAlert('registration');
    expect(daemons.daemon.rows.row('registration')).toMatchObject({ value: 'registered' });
  });

  it.each([
    ['inference API does not answer', 'UPSTREAM_UNREACHABLE', 'http://127.0.0.1:1'],
    ['inference API answers a page for people', 'UPSTREAM_BAD_ANSWER', undefined],
  ])('%s starts all the same, because PoC must go on without inference', async (_, code, url) => {
    const { inspectionUrl, gatewayUrl } = await daemons.start({ HYPERBOLIC_BASE_URL: url ?? html.url });
    await vi.waitFor(async () => {
      expect((await state(inspectionUrl)).upstream).toMatchObject({
        isModelServed: false,
        fault: { code, message: expect.stringContaining('hyperbolic') },
      });
    }, 5_000);
    expect((await fetch(`${gatewayUrl}/health`)).status).toBe(503);
  });
});
