import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exposedNames, metricCatalogue, metricNames, metricPrefix } from '../../../src/metrics/catalogue.ts';
import { DaemonCase } from '../daemon-case.ts';
import { model } from '../small-town.ts';
import { untilStep } from '../until-step.ts';

let house: DaemonCase;
beforeEach(async () => {
  house = await DaemonCase.build();
});
afterEach(() => house.close());

async function scrape(url: string): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${url}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line): [string, number] => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}
const nameOf = (line: string): string => line.split('{')[0] ?? '';

describe('a scrape of a daemon', () => {
  it('has a value of every metric that can be known, and of none that is not in the catalogue', async () => {
    const { daemon, inspectionUrl } = await house.start({
      MAX_EPOCH_SPEND: '5',
      MAX_DAILY_INFERENCE_SPEND: '3',
    });
    await untilStep(daemon, () => daemon.rows.rows({ chart: 'epoch' }).length > 0);
    const missing = (seen: ReadonlyMap<string, number>): readonly string[] => {
      const names = new Set([...seen.keys()].map(nameOf));
      return metricNames
        .filter((name) => metricCatalogue[name].type !== 'histogram')
        .filter((name) => !names.has(metricPrefix + name));
    };
    // Credit, disk and the loop's delay are read beside the first scrapes. Nobody has a channel here.
    let found = await scrape(inspectionUrl);
    await expect
      .poll(async () => missing((found = await scrape(inspectionUrl))), { timeout: 10_000 })
      .toEqual(['alert_notices', 'alert_channel_failures']);
    const names = new Set([...found.keys()].map(nameOf));
    expect([...names].filter((name) => !exposedNames.includes(name))).toEqual([]);
    for (const [line, value] of found) expect([line, Number.isFinite(value)]).toEqual([line, true]);
    expect(found.get('hybrid_mlnode_chain_standing{state="following"}')).toBe(1);
    expect(found.get('hybrid_mlnode_rental_daily_cap_dollars')).toBe(50);
    expect(found.get('hybrid_mlnode_rental_epoch_cap_dollars')).toBe(5);
    expect(found.get('hybrid_mlnode_vast_credit_dollars')).toBeGreaterThan(0);
    expect(found.get('hybrid_mlnode_chain_height')).toBeGreaterThan(0);
    const start = found.get('hybrid_mlnode_deadline_timestamp_seconds{event="poc_start"}') ?? 0;
    expect(start).toBeGreaterThan(found.get('hybrid_mlnode_start_timestamp_seconds') ?? 0);
  });

  it('counts inference: requests, tokens, first byte and duration of each back end', async () => {
    const { gatewayUrl, inspectionUrl } = await house.start({
      RENTAL_POLICY: 'off',
      REGISTRATION: 'off',
      // Without it usage is stated only once the probe is through.
      HYPERBOLIC_STREAM_OPTIONS: 'on',
    });
    for (const stream of [true, false, false]) {
      const body = JSON.stringify({
        model,
        stream,
        messages: [{ role: 'user', content: 'hello' }],
        max_tokens: 4,
      });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${gatewayUrl}/v1/chat/completions`, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      await answer.text();
    }
    const found = await scrape(inspectionUrl);
    const of = (name: string): number => found.get(`${metricPrefix}${name}`) ?? Number.NaN;
    expect(of('inference_requests_total')).toBe(3);
    expect(of('inference_streamed_total')).toBe(1);
    expect(of('upstream_attempts_total{back_end="hyperbolic"}')).toBe(3);
    expect(of('upstream_failures_total{back_end="hyperbolic"}')).toBe(0);
    expect(of('upstream_first_byte_seconds_count{back_end="hyperbolic"}')).toBe(3);
    expect(of('upstream_duration_seconds_bucket{back_end="hyperbolic",le="+Inf"}')).toBe(3);
    expect(of('upstream_tokens_total{back_end="hyperbolic",kind="completion"}')).toBeGreaterThan(0);
    expect(of('upstream_breaker{back_end="hyperbolic",state="closed"}')).toBe(1);
    expect(of('store_commit_seconds_count')).toBeGreaterThan(0);
  });

  it('counts a rental that fails: begun, not booted, paid for nothing, and an alert for what is open', async () => {
    const { inspectionUrl } = await house.start({ VASTAI_MAX_PRICE: '0.001' });
    await house.alert('renting');
    const found = await scrape(inspectionUrl);
    expect(found.get('hybrid_mlnode_leases_opened_total')).toBe(0);
    expect(found.get('hybrid_mlnode_paid_seconds_total')).toBe(0);
    expect(found.get('hybrid_mlnode_alerts_active{kind="renting-blocked",severity="warning"}')).toBe(1);
  }, 60_000);

  it('takes a few milliseconds of CPU', async () => {
    const calm = await DaemonCase.build({ speed: 1 });
    const { daemon, inspectionUrl } = await calm.start({ RENTAL_POLICY: 'off' });
    await untilStep(daemon, () => daemon.follower.head() !== undefined);
    const ask = async (times: number): Promise<number> => {
      const before = process.cpuUsage();
      for (let time = 0; time < times; time += 1)
        await fetch(`${inspectionUrl}/metrics`).then((answer) => answer.text());
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000 / times;
    };
    await ask(100);
    // Caller and daemon together; about two on an idle machine.
    expect(await ask(100)).toBeLessThan(10);
    await calm.close();
  });
});
