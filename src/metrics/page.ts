import { type MetricDefinition, metricCatalogue, metricNames, metricPrefix } from './catalogue.ts';

/** Lines of `docs/reference/metrics.md`. */
export function metricsPage(): readonly string[] {
  return [
    '# Metrics',
    '',
    `\`GET /metrics\` on the inspection listener, in the text format of Prometheus. Every name begins with \`${metricPrefix}\`. Where INSPECTION_TOKEN is set, the scrape needs it as a bearer token (\`authorization\` in the scrape configuration).`,
    '',
    "Counters begin at zero with the process unless the table says that the store keeps them; `rate` and `increase` see a restart. Money is in dollars, time in seconds. Instants are Unix seconds of the daemon's clock, which is the host's unless TIME_SCALE is set. A value that is not known yet is absent, never zero.",
    '',
    'Nothing in a label comes from a caller: a metric has at most a few lines for each back end, chart or kind of alert.',
    '',
    '| Name | Type | Labels | Meaning |',
    '| --- | --- | --- | --- |',
    ...metricNames.map((name) => {
      const { type, labels = {}, help }: MetricDefinition = metricCatalogue[name];
      const named = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${values}`);
      return `| \`${metricPrefix}${name}\` | ${type} | ${named.join('; ')} | ${help} |`;
    }),
    '',
    'Files to begin with: [`deploy/grafana/hybrid-mlnode.json`](../../deploy/grafana/hybrid-mlnode.json), a dashboard, and [`deploy/prometheus/alerts.yml`](../../deploy/prometheus/alerts.yml), rules. The rules are for what the daemon cannot say itself, its own silence first; everything else it [tells by itself](../operating.md#alerts).',
  ];
}
