import { money } from '../live/books.ts';
import { currentEpoch, openLeases } from '../live/current.ts';
import { state } from '../live/link.ts';
import { count, dollars } from '../words/format.ts';
import { nowSentence } from '../words/sentence.ts';

/** What goes on, in one sentence, and the four figures that everybody asks for. */
export function NowPanel() {
  const seen = state.value;
  if (seen === null) return <p class="now-sentence">Asking the daemon …</p>;
  const epoch = currentEpoch.value;
  const lease = openLeases.value.find(({ state: at }) => at.startsWith('held')) ?? openLeases.value[0];
  const costs = money.value;
  const { upstream } = seen;
  return (
    <section class="now-panel" aria-labelledby="now-title">
      <h2 id="now-title" class="visually-hidden">
        Now
      </h2>
      <p class="now-sentence" role="status">
        {nowSentence(seen, epoch, lease)}
      </p>
      <dl class="facts">
        <Fact name="Machines held">{openLeases.value.length}</Fact>
        <Fact name="Running costs">
          {costs === null ? '–' : `${dollars(costs.runningMicroUsdPerHour)} an hour`}
        </Fact>
        <Fact name="Spent today">
          {costs === null
            ? '–'
            : `${dollars(costs.today.spentMicroUsd)} of ${dollars(costs.today.capMicroUsd)}`}
        </Fact>
        <Fact name="Inference" tone={upstream.isModelServed ? 'good' : 'bad'}>
          {upstream.isModelServed
            ? `${count(upstream.requests)} requests, ${count(upstream.failed)} failed`
            : 'nobody serves the model'}
        </Fact>
      </dl>
    </section>
  );
}

const Fact = ({ name, tone, children }: { name: string; tone?: string; children: unknown }) => (
  <div class={tone ?? ''}>
    <dt>{name}</dt>
    <dd>{children as string}</dd>
  </div>
);
