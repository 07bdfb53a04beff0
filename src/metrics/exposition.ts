import { type Metric, Registry } from 'prom-client';
import type { DurationHistogram } from '../duration-histogram.ts';
import {
  type MetricDefinition,
  metricCatalogue,
  type MetricName,
  metricNames,
  metricPrefix,
} from './catalogue.ts';

type Labels = Readonly<Record<string, string>>;

/** One line of a counter or gauge, or all lines of a histogram. Null is left out: nothing is known of it. */
export type Sample =
  | { readonly labels?: Labels; readonly value: number | null }
  | { readonly labels?: Labels; readonly histogram: DurationHistogram };

/** Every metric of the catalogue: one without a source does not compile. */
export type Reading = Readonly<Record<MetricName, readonly Sample[]>>;

export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

/**
 * The catalogue in the text format. `read` is asked once a scrape and takes everything from memory and a few indexed
 * questions to the store: between scrapes metrics cost nothing but the counts that are kept anyway.
 */
export function createExposition(read: () => Reading): Exposition {
  const registry = new Registry();
  let reading: Reading | undefined;
  for (const name of metricNames) {
    const full = `${metricPrefix}${name}`;
    const definition: MetricDefinition = metricCatalogue[name];
    const metric = {
      name: full,
      help: definition.help,
      type: definition.type,
      aggregator: 'sum',
      get: () =>
        Promise.resolve({
          name: full,
          help: definition.help,
          type: definition.type,
          aggregator: 'sum',
          values: (reading?.[name] ?? []).flatMap((sample) => lines(full, sample)),
        }),
      reset: () => undefined,
    };
    // The registry wants no more of a metric than that.
    registry.registerMetric(metric as unknown as Metric);
  }
  return {
    contentType: registry.contentType,
    text: () => {
      reading = read();
      return registry.metrics();
    },
  };
}

interface Line {
  readonly value: number;
  readonly labels: Record<string, string | number>;
  readonly metricName?: string;
}

function lines(name: string, sample: Sample): readonly Line[] {
  const labels = { ...sample.labels };
  if ('value' in sample) return sample.value === null ? [] : [{ value: sample.value, labels }];
  const { bounds, counts, sum, count } = sample.histogram;
  let below = 0;
  return [
    ...bounds.map((le, place) => {
      below += counts[place] ?? 0;
      return { metricName: `${name}_bucket`, value: below, labels: { ...labels, le } };
    }),
    { metricName: `${name}_bucket`, value: count, labels: { ...labels, le: '+Inf' } },
    { metricName: `${name}_sum`, value: sum, labels },
    { metricName: `${name}_count`, value: count, labels },
  ];
}
