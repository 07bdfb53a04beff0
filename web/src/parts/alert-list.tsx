import { useSignal } from '@preact/signals';
import { askText } from '../live/api.ts';
import { alerts } from '../live/books.ts';
import { now } from '../live/clock.ts';
import type { AlertsAnswer } from '../live/model.ts';
import { duration } from '../words/format.ts';
import { Markdown } from './markdown.tsx';

type Alert = AlertsAnswer['alerts'][number];
const weights = { critical: 0, warning: 1, info: 2 } as const;

/** What a person should know or do now; nothing at all while all is well. */
export function AlertList() {
  const open = (alerts.value?.alerts ?? []).toSorted((a, b) => weights[a.severity] - weights[b.severity]);
  const [first] = open;
  if (first === undefined) return null;
  return (
    <section class={`alerts ${first.severity}`} aria-labelledby="alerts-title">
      <h2 id="alerts-title">
        {open.length === 1 ? 'One thing needs attention' : `${open.length} things need attention`}
      </h2>
      <ul>
        {open.map((alert) => (
          <AlertItem key={alert.key} alert={alert} />
        ))}
      </ul>
    </section>
  );
}

function AlertItem({ alert }: { alert: Alert }) {
  const runbook = useSignal<string | null>(null);
  const isOpen = useSignal(false);
  const toggle = async (): Promise<void> => {
    isOpen.value = !isOpen.value;
    // Asked for with the token in a header: a plain link could not carry it.
    runbook.value ??= await askText(`/v1/runbooks/${alert.kind}.md`).catch(
      () => 'The page could not be read. It is docs/runbooks of the program’s folder.',
    );
  };
  return (
    <li>
      <p>
        <span class={`chip ${alert.severity === 'info' ? 'quiet' : 'bad'}`}>{alert.severity}</span>{' '}
        <b>{alert.title}</b> <span class="quiet">for {duration(now.value - alert.since)}</span>
      </p>
      <p>{alert.message}</p>
      <p>{alert.advice}</p>
      <p class="quiet">
        <button type="button" class="plain" aria-expanded={isOpen.value} onClick={() => void toggle()}>
          {isOpen.value ? 'Close the runbook' : 'What to do, step by step'}
        </button>{' '}
        <code>{alert.code}</code>
      </p>
      {isOpen.value && runbook.value !== null && (
        <div class="runbook">
          <Markdown text={runbook.value} />
        </div>
      )}
    </li>
  );
}
