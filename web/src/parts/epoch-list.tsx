import { useSignal } from '@preact/signals';
import { ask } from '../live/api.ts';
import { epochs } from '../live/books.ts';
import type { EpochsPage, EpochSummary } from '../live/model.ts';
import { epochHref } from '../live/route.ts';
import { count, dayTime, dollars } from '../words/format.ts';
import { outcomeWords } from '../words/row-words.ts';
import { stateWords } from '../words/state-words.ts';

/** PoCs that were, the newest first; each leads to its journal. */
export function EpochList() {
  const older = useSignal<readonly EpochSummary[]>([]);
  const end = useSignal<number | null | undefined>(undefined);
  const first = epochs.value;
  if (first === null) return null;
  const shown = new Set(first.epochs.map(({ epochIndex }) => epochIndex));
  const all = [...first.epochs, ...older.value.filter(({ epochIndex }) => !shown.has(epochIndex))];
  const next = end.value === undefined ? first.nextBefore : end.value;
  const more = async (): Promise<void> => {
    const page = await ask<EpochsPage>(`/v1/epochs?limit=20&before=${next}`);
    older.value = [...older.value, ...page.epochs];
    end.value = page.nextBefore;
  };
  return (
    <section class="card" aria-labelledby="epochs-title">
      <header>
        <h2 id="epochs-title">Epochs</h2>
        <p class="quiet">Open one to read its journal step by step</p>
      </header>
      <table class="epochs">
        <thead>
          <tr>
            <th>Epoch</th>
            <th>Outcome</th>
            <th class="number">Nonces accepted</th>
            <th class="number">Verdicts</th>
            <th class="number">Machines</th>
            <th class="number">Cost</th>
            <th class="number">for 1000 nonces</th>
            <th class="number">Last change</th>
          </tr>
        </thead>
        <tbody>
          {all.map((epoch) => (
            <EpochRow key={epoch.epochIndex} epoch={epoch} />
          ))}
        </tbody>
      </table>
      {all.length === 0 && <p class="quiet">No PoC was planned yet.</p>}
      {next !== null && (
        <button type="button" class="plain" onClick={() => void more().catch(() => {})}>
          Older ones
        </button>
      )}
    </section>
  );
}

function EpochRow({ epoch }: { epoch: EpochSummary }) {
  const { text, tone } = outcomeWords(epoch.outcome);
  const standing = epoch.status === 'done' ? text : stateWords('epoch', epoch.state).title.toLowerCase();
  const work = epoch.work as { noncesDelivered?: number; validationsDelivered?: number } | null;
  const number = (value: number | undefined): string => (value === undefined ? '–' : count(value));
  return (
    <tr>
      <th scope="row">
        <a href={epochHref(epoch.epochIndex)}>{epoch.epochIndex}</a>
      </th>
      <td>
        <span class={`chip ${tone}`}>{standing}</span>
      </td>
      <td class="number" data-name="nonces">
        {number(work?.noncesDelivered)}
      </td>
      <td class="number" data-name="verdicts">
        {number(work?.validationsDelivered)}
      </td>
      <td class="number" data-name="machines">
        {epoch.rentals}
      </td>
      <td class="number" data-name="cost">
        {epoch.outcome === null && epoch.reservedMicroUsd > 0
          ? `≤ ${dollars(epoch.reservedMicroUsd + epoch.spentMicroUsd)}`
          : dollars(epoch.spentMicroUsd)}
      </td>
      <td class="number" data-name="for 1000">
        {epoch.costPerThousandNoncesMicroUsd === null ? '–' : dollars(epoch.costPerThousandNoncesMicroUsd)}
      </td>
      <td class="number quiet" data-name="changed">
        {dayTime(epoch.updatedAt)}
      </td>
    </tr>
  );
}
