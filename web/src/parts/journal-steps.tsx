import { useEffect, useRef } from 'preact/hooks';
import { type Entry, statePath } from '../live/model.ts';
import { eventFault, eventWords } from '../words/event-words.ts';
import { time } from '../words/format.ts';
import { rowName } from '../words/row-words.ts';
import { stateWords } from '../words/state-words.ts';

/** A journal as a list through which arrow keys go, one step at a time. */
export function JournalSteps({
  entries,
  place,
  onPlace,
}: {
  entries: readonly Entry[];
  place: number;
  onPlace: (place: number) => void;
}) {
  const list = useRef<HTMLOListElement>(null);
  const chosen = entries[place];
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [place]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      PageDown: place + 10,
      PageUp: place - 10,
      Home: 0,
      End: entries.length - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onPlace(Math.max(0, Math.min(entries.length - 1, to)));
  };

  return (
    <div class="journal">
      <div class="steps-bar">
        <button type="button" class="plain" disabled={place <= 0} onClick={() => onPlace(place - 1)}>
          ← Step back
        </button>
        <span>
          {place + 1} of {entries.length}
        </span>
        <button
          type="button"
          class="plain"
          disabled={place >= entries.length - 1}
          onClick={() => onPlace(place + 1)}
        >
          Step on →
        </button>
      </div>
      <ol
        ref={list}
        class="steps"
        role="listbox"
        aria-label="Steps"
        tabIndex={0}
        aria-activedescendant={chosen === undefined ? undefined : `step-${chosen.seq}`}
        onKeyDown={onKeyDown}
      >
        {entries.map((entry, at) => (
          <li
            key={entry.seq}
            id={`step-${entry.seq}`}
            role="option"
            aria-selected={at === place}
            onClick={() => onPlace(at)}
          >
            <time dateTime={new Date(entry.at).toISOString()}>{time(entry.at)}</time>
            <span>
              <b>{rowName(entry.rowId)}</b> {eventWords(entry.event.type)}
              {eventFault(entry.event) !== null && <span class="fault"> {eventFault(entry.event)}</span>}
              <span class="quiet">
                {' '}
                → {stateWords(entry.chart, statePath(entry.value)).title.toLowerCase()}
              </span>
            </span>
          </li>
        ))}
      </ol>
      {chosen !== undefined && (
        <details class="raw">
          <summary>The step as it was written down (entry {chosen.seq})</summary>
          <pre>{JSON.stringify(chosen, null, 1)}</pre>
        </details>
      )}
    </div>
  );
}
