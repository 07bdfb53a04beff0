import { inference } from '../live/books.ts';
import { state } from '../live/link.ts';
import type { InferenceAnswer } from '../live/model.ts';
import { count, milliseconds, percent } from '../words/format.ts';
import { Plot } from './plot.tsx';

type Traffic = InferenceAnswer['backEnds'][number];

const breakers: Readonly<Record<string, string>> = {
  closed: 'in use',
  open: 'left alone for a while',
  halfOpen: 'being tried again',
};

/** Traffic and latency of each place that answers inference. */
export function InferencePanel() {
  const upstream = state.value?.upstream;
  const known = upstream?.backEnds ?? [];
  const all = inference.value?.backEnds ?? [];
  return (
    <section class="card" aria-labelledby="inference-title">
      <header>
        <h2 id="inference-title">Inference</h2>
        <p class="quiet">The last hour, in real time</p>
      </header>
      {all.map((traffic) => {
        const view = known.find(({ name }) => name === traffic.name);
        return (
          <div key={traffic.name} class="back-end">
            <h3>
              {traffic.name}
              <span
                class={`chip ${view?.isModelServed === true && view.breaker === 'closed' ? 'good' : 'bad'}`}
              >
                {view === undefined || view.isModelServed
                  ? (breakers[view?.breaker ?? 'closed'] ?? view?.breaker)
                  : 'does not serve the model'}
              </span>
            </h3>
            {view !== undefined && <p class="quiet">{view.model}</p>}
            <dl class="figures wide">
              <Figure name="Attempts" value={count(traffic.lastHour.requests)} />
              <Figure name="Failed" value={failed(traffic)} tone={traffic.lastHour.failed > 0 ? 'bad' : ''} />
              <Figure
                name="First byte"
                value={pair(traffic.lastHour.firstByteP50Ms, traffic.lastHour.firstByteP95Ms)}
              />
              <Figure
                name="Whole answer"
                value={pair(traffic.lastHour.totalP50Ms, traffic.lastHour.totalP95Ms)}
              />
            </dl>
            {traffic.series.length > 1 && (
              <Plot
                label={`Latency of ${traffic.name}`}
                height={130}
                times={traffic.series.map(({ at }) => at)}
                lines={[
                  {
                    label: 'first byte, half within',
                    color: '--generate',
                    values: traffic.series.map(({ firstByteP50Ms }) => firstByteP50Ms),
                    isFilled: true,
                  },
                  {
                    label: '19 of 20 within',
                    color: '--validate',
                    values: traffic.series.map(({ firstByteP95Ms }) => firstByteP95Ms),
                    isDashed: true,
                  },
                ]}
                format={milliseconds}
              />
            )}
          </div>
        );
      })}
      {upstream !== undefined && (
        <p class="quiet">
          Since the start: {count(upstream.requests)} requests, {count(upstream.streamed)} streamed,{' '}
          {count(upstream.failed)} failed, {count(upstream.cancelled)} left early, {count(upstream.refused)}{' '}
          refused for their own sake.
        </p>
      )}
    </section>
  );
}

const failed = ({ lastHour }: Traffic): string =>
  lastHour.failed === 0 ? '0' : `${count(lastHour.failed)} (${percent(lastHour.failed / lastHour.requests)})`;

const pair = (half: number | null, most: number | null): string =>
  half === null ? '–' : `${milliseconds(half)} – ${milliseconds(most)}`;

const Figure = ({ name, value, tone = '' }: { name: string; value: string; tone?: string }) => (
  <div class={tone}>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);
