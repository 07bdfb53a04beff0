import { type Fault, HybridError, toFault } from '../errors.ts';
import type { Effects } from './interface.ts';
import { plain } from './plain.ts';
import type { IntentRecord } from './store.ts';

/** How a piece of work ended; plain data. */
export type Outcome =
  | { readonly kind: 'done'; readonly output: unknown }
  | { readonly kind: 'failed'; readonly error: Fault };

interface Work {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** Runs the effects of open intents, and only those. Each runs once in the life of the process. */
export class Executor {
  readonly #effects: Readonly<Record<string, Effects>>;
  readonly #settled: (chart: string, intent: IntentRecord, outcome: Outcome) => void;
  /** Row → intent → work, also of work that has ended while its intent is still open (its result was parked). */
  readonly #work = new Map<string, Map<string, Work>>();
  readonly #loaded = new Set<string>();
  #isStopped = false;

  constructor(
    effects: Readonly<Record<string, Effects>>,
    settled: (chart: string, intent: IntentRecord, outcome: Outcome) => void,
  ) {
    this.#effects = effects;
    this.#settled = settled;
  }

  /** Names intents that were open before this process began. */
  noteLoaded(intentIds: Iterable<string>): void {
    for (const id of intentIds) this.#loaded.add(id);
  }

  /** Starts what is open and does not run; aborts what runs and is not open any more. */
  match(chart: string, rowId: string, open: ReadonlyMap<string, IntentRecord>): void {
    const work = this.#work.get(rowId) ?? new Map<string, Work>();
    for (const [id, { controller }] of work) {
      if (open.has(id)) continue;
      work.delete(id);
      controller.abort(notWanted);
    }
    for (const intent of open.values()) {
      if (!work.has(intent.id)) work.set(intent.id, this.#run(chart, intent));
    }
    if (work.size > 0) this.#work.set(rowId, work);
    else this.#work.delete(rowId);
  }

  /** Aborts everything and waits for it to end, at most `limitMs` real milliseconds. No outcome is reported any more. */
  async stop(limitMs = 1000): Promise<void> {
    this.#isStopped = true;
    const work = [...this.#work.values()].flatMap((ofRow) => [...ofRow.values()]);
    this.#work.clear();
    for (const { controller } of work) {
      controller.abort(new HybridError({ code: 'ABORTED', message: 'the daemon stops' }));
    }
    let limit: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, limitMs);
    });
    await Promise.race([Promise.allSettled(work.map(({ ended }) => ended)), tooLong]);
    clearTimeout(limit);
  }

  #run(chart: string, intent: IntentRecord): Work {
    const controller = new AbortController();
    return { controller, ended: this.#perform(chart, intent, controller.signal) };
  }

  async #perform(chart: string, intent: IntentRecord, signal: AbortSignal): Promise<void> {
    // Not before the caller is through: a step that follows at once may take the intent back.
    await Promise.resolve();
    if (signal.aborted) return;
    let outcome: Outcome;
    try {
      const effect = this.#effects[chart]?.[intent.src];
      if (effect === undefined) throw new Error(`chart ${chart} has no effect "${intent.src}"`);
      const { id: intentId, rowId, input } = intent;
      const output = await effect({
        intentId,
        rowId,
        input,
        isResumed: this.#loaded.delete(intentId),
        signal,
      });
      outcome = { kind: 'done', output: plain(output) };
    } catch (error) {
      // The answer to our own abort is no news; any other outcome of abandoned work is.
      if (signal.aborted && isAbort(error, signal)) return;
      outcome = { kind: 'failed', error: toFault(error) };
    }
    if (!this.#isStopped) this.#settled(chart, intent, outcome);
  }
}

/** One for all work that ends, which most of it has done by itself by then. */
const notWanted = new HybridError({ code: 'ABORTED', message: 'the work is not wanted any more' });

function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (error === signal.reason) return true;
  if (error instanceof HybridError) return error.code === 'ABORTED';
  return error instanceof Error && error.name === 'AbortError';
}
