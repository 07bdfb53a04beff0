import { nonces } from '../live/books.ts';
import { state } from '../live/link.ts';
import type { NoncesAnswer } from '../live/model.ts';
import { count } from '../words/format.ts';
import { Plot } from './plot.tsx';

type Sample = NoncesAnswer['generated'][number];

/** From the machine to the Network Node: how much came, waits, was accepted, was lost. */
export function NoncePanel() {
  const series = nonces.value;
  const relay = state.value?.relay;
  const last = series?.generated.at(-1);
  const checks = series?.validated.at(-1);
  return (
    <section class="card" aria-labelledby="nonces-title">
      <header>
        <h2 id="nonces-title">Nonces and callbacks</h2>
        <p class="quiet">
          {series?.epochIndex == null ? 'No PoC was seen yet.' : `PoC ${series.epochIndex}`}
        </p>
      </header>
      <ol class="flow" aria-label="Nonces on their way">
        <Flow
          name="Produced"
          value={last && last.queuedNonces + last.deliveredNonces + last.undeliverableNonces}
          tone="line"
        />
        <Flow
          name="Queued here"
          value={last?.queuedNonces}
          tone={last !== undefined && last.queuedNonces > 0 ? 'warn' : 'line'}
        />
        <Flow name="Accepted" value={last?.deliveredNonces} tone="good" />
        <Flow
          name="Refused or late"
          value={last?.undeliverableNonces}
          tone={(last?.undeliverableNonces ?? 0) > 0 ? 'bad' : 'line'}
        />
      </ol>
      {series !== null && series.generated.length > 1 && (
        <Plot
          label={`Nonces over time: ${count(last?.deliveredNonces ?? 0)} accepted`}
          times={series.generated.map(({ at }) => at)}
          lines={[
            { label: 'produced', color: '--lead', values: series.generated.map(produced), isDashed: true },
            {
              label: 'accepted by the Network Node',
              color: '--generate',
              values: series.generated.map(({ deliveredNonces }) => deliveredNonces),
              isFilled: true,
            },
          ]}
          format={(value) => count(value)}
        />
      )}
      <p class="quiet">
        Validation: {count(checks?.deliveredCallbacks ?? 0)} verdicts delivered
        {checks !== undefined && checks.queuedCallbacks > 0 && `, ${count(checks.queuedCallbacks)} queued`}
        {checks !== undefined &&
          checks.undeliverableCallbacks > 0 &&
          `, ${count(checks.undeliverableCallbacks)} refused or late`}
        .
        {relay !== undefined &&
          ` All callbacks ever: ${count(relay.delivered)} delivered, ${count(relay.queued)} queued, ${count(relay.refused)} refused, ${count(relay.expired)} too late, ${count(relay.foreign)} that nobody asked for.`}
      </p>
    </section>
  );
}

const produced = (sample: Sample): number =>
  sample.queuedNonces + sample.deliveredNonces + sample.undeliverableNonces;

const Flow = ({ name, value, tone }: { name: string; value: number | undefined; tone: string }) => (
  <li class={tone}>
    <b>{value === undefined ? '–' : count(value)}</b>
    <span>{name}</span>
  </li>
);
