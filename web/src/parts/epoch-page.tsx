import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, Refused } from '../live/api.ts';
import { type Entry, type EpochStory, statePath } from '../live/model.ts';
import { statesPassed } from '../live/row-story.ts';
import { count, dayTime, dollars, duration } from '../words/format.ts';
import { outcomeWords, rowName } from '../words/row-words.ts';
import { JournalSteps } from './journal-steps.tsx';
import { Statechart } from './statechart.tsx';
import { EpochLine } from './time-line.tsx';

/** One PoC that was: its figures, its machines, and its journal step by step with the chart beside it. */
export function EpochPage({ index }: { index: number }) {
  const story = useSignal<EpochStory | null>(null);
  const fault = useSignal<string | null>(null);
  useEffect(() => {
    story.value = null;
    fault.value = null;
    const read = async (): Promise<void> => {
      try {
        story.value = await ask<EpochStory>(`/v1/epochs/${index}`);
      } catch (error) {
        const isUnknown = error instanceof Refused && error.status === 404;
        fault.value = isUnknown ? `The daemon knows no epoch ${index}.` : 'The daemon does not answer.';
      }
    };
    void read();
  }, [index]);
  return (
    <>
      <p class="back">
        <a href="#">← Now</a>
      </p>
      <h2 class="page-title">Epoch {index}</h2>
      {fault.value !== null && <p>{fault.value}</p>}
      {story.value !== null && <Told story={story.value} />}
    </>
  );
}

function Told({ story }: { story: EpochStory }) {
  const { epoch, leases, journal } = story;
  const entries = journal as readonly Entry[];
  const place = useSignal(entries.length - 1);
  const entry = entries[place.value];
  const { text, tone } = outcomeWords(epoch.outcome);
  const work = epoch.work as {
    noncesDelivered?: number;
    validationsDelivered?: number;
    callbacksUndeliverable?: number;
  } | null;
  const chart = entry?.chart === 'lease' ? 'lease' : 'epoch';
  const rowId = entry?.rowId ?? epoch.rowId;
  const [first, last] = [entries[0], entries.at(-1)];
  return (
    <>
      <dl class="facts">
        <div>
          <dt>Outcome</dt>
          <dd>
            <span class={`chip ${tone}`}>{text}</span>
          </dd>
        </div>
        <div>
          <dt>Nonces accepted</dt>
          <dd>{work === null ? '–' : count(work.noncesDelivered ?? 0)}</dd>
        </div>
        <div>
          <dt>Verdicts delivered</dt>
          <dd>{work === null ? '–' : count(work.validationsDelivered ?? 0)}</dd>
        </div>
        <div>
          <dt>Cost</dt>
          <dd>
            {dollars(epoch.spentMicroUsd)}
            {epoch.costPerThousandNoncesMicroUsd !== null && (
              <small class="quiet"> {dollars(epoch.costPerThousandNoncesMicroUsd)} for 1000 nonces</small>
            )}
          </dd>
        </div>
        <div>
          <dt>Took</dt>
          <dd>{first === undefined || last === undefined ? '–' : duration(last.at - first.at)}</dd>
        </div>
      </dl>
      {epoch.plan !== null && (
        <section class="card" aria-label="Time line">
          <EpochLine epoch={epoch} leases={leases} isLive={false} />
        </section>
      )}
      <section class="card" aria-labelledby="journal-title">
        <header>
          <h2 id="journal-title">Journal</h2>
          <p class="quiet">
            {count(entries.length)} steps{first !== undefined && `, from ${dayTime(first.at)}`}. Arrow keys go
            through them.
            {story.isJournalCut && ' The oldest ones are left out.'}
          </p>
        </header>
        <h3>
          {rowName(rowId)} at this step
          {entry !== undefined && <span class="quiet"> ({statePath(entry.value)})</span>}
        </h3>
        <Statechart
          key={rowId}
          chart={chart}
          name={rowName(rowId)}
          steps={statesPassed(entries.slice(0, place.value + 1), rowId)}
          isLive={false}
        >
          <JournalSteps
            entries={entries}
            place={place.value}
            onPlace={(next) => {
              place.value = next;
            }}
          />
        </Statechart>
      </section>
    </>
  );
}
