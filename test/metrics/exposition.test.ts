import { describe, expect, it } from 'vitest';
import { DurationHistogram } from '../../src/duration-histogram.ts';
import { metricCatalogue, metricNames, metricPrefix } from '../../src/metrics/catalogue.ts';
import { createExposition, type Reading } from '../../src/metrics/exposition.ts';

const nothing = (): Reading =>
  Object.fromEntries(metricNames.map((name) => [name, []])) as unknown as Reading;

describe('a metric', () => {
  it('is named by the conventions of Prometheus', () => {
    for (const name of metricNames) {
      const { type, help } = metricCatalogue[name];
      expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      // Base units only.
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|hours|kb|mb|gb|percent|usd|microusd)(_|$)/);
      expect(help).toMatch(/^\S.*\.$/);
    }
  });

  it('has labels in lower case, none of which comes from a caller', () => {
    const labels = new Set(
      metricNames.flatMap((name) => Object.keys((metricCatalogue[name] as { labels?: object }).labels ?? {})),
    );
    expect([...labels].toSorted()).toEqual(
      'back_end channel chart event kind node outcome severity stat state status version'.split(' '),
    );
  });
});

describe('a scrape', () => {
  it('shows type and help of every metric, and no line of what is not known', async () => {
    const text = await createExposition(nothing).text();
    for (const name of metricNames) {
      expect(text).toContain(`# HELP ${metricPrefix}${name} `);
      expect(text).toContain(`# TYPE ${metricPrefix}${name} ${metricCatalogue[name].type}\n`);
    }
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });

  it('reads once, and leaves a null out', async () => {
    let reads = 0;
    const exposition = createExposition(() => {
      reads += 1;
      return { ...nothing(), chain_height: [{ value: 7 }], disk_free_bytes: [{ value: null }] };
    });
    expect(await exposition.text()).toContain('\nhybrid_mlnode_chain_height 7\n');
    expect(reads).toBe(1);
    expect(await exposition.text()).not.toMatch(/^hybrid_mlnode_disk_free_bytes/m);
  });

  it('shows a histogram cumulatively, with sum and count', async () => {
    const histogram = new DurationHistogram([0.1, 1]);
    for (const seconds of [0.05, 0.1, 0.5, 7]) histogram.observe(seconds);
    const boot = [{ labels: { back_end: 'a"b\\c' }, histogram }];
    const text = await createExposition(() => ({ ...nothing(), upstream_duration_seconds: boot })).text();
    expect(text).toContain(
      [
        'hybrid_mlnode_upstream_duration_seconds_bucket{back_end="a\\"b\\\\c",le="0.1"} 2',
        'hybrid_mlnode_upstream_duration_seconds_bucket{back_end="a\\"b\\\\c",le="1"} 3',
        'hybrid_mlnode_upstream_duration_seconds_bucket{back_end="a\\"b\\\\c",le="+Inf"} 4',
        'hybrid_mlnode_upstream_duration_seconds_sum{back_end="a\\"b\\\\c"} 7.65',
        'hybrid_mlnode_upstream_duration_seconds_count{back_end="a\\"b\\\\c"} 4',
      ].join('\n'),
    );
  });
});
