import { catalogue } from '../../errors.ts';
import type { UpstreamContext } from '../../machines/upstream.ts';
import type { Runtime } from '../../runtime/interface.ts';
import type { BackEndNews } from '../../server/inference/desk.ts';
import { upstreamRow } from '../row-names.ts';

/** What is known of one back end's breaker, read by every request: from memory, without the store. */
export interface Breaker {
  /** Milliseconds of the daemon's clock until something may go there again; 0 while it is closed. */
  restMs(): number;
  /** Milliseconds for which it has not been closed. */
  openForMs(): number;
  heard(news: BackEndNews): void;
  /** For the inspection. */
  state(): string;
}

/** Between the end of a pause and the verdict of the look. */
const lookMs = 1_000;

/** The row `upstream:<name>` in the volatile runtime, mirrored here after each of its steps. */
export function createBreaker(name: string, rows: Runtime, now: () => number): Breaker {
  const rowId = upstreamRow(name);
  rows.open('upstream', rowId, { name });
  let state = 'closed';
  let context: UpstreamContext | undefined;
  rows.onStep((entry) => {
    if (entry.rowId !== rowId) return;
    state = String(entry.value);
    context = rows.row(rowId)?.context as UpstreamContext | undefined;
  });
  return {
    restMs: () => (state === 'closed' ? 0 : Math.max(lookMs, (context?.openUntil ?? 0) - now())),
    openForMs: () => (context?.openSince == null ? 0 : now() - context.openSince),
    heard: (news) => {
      if (news.kind === 'answered') {
        // Answers are many, and between well ones there is nothing to write down.
        if ((context?.failures ?? 0) > 0) rows.send(rowId, { type: 'UPSTREAM.ANSWERED' });
        return;
      }
      const { code } = news;
      if (state !== 'closed') return;
      // A pause and a model that is gone are no illness.
      if (code === 'UPSTREAM_RATE_LIMITED' || code === 'UPSTREAM_MODEL_MISSING') return;
      const message = catalogue[code].help;
      rows.send(rowId, { type: 'UPSTREAM.FAILED', fault: { code, class: catalogue[code].class, message } });
    },
    state: () => state,
  };
}
