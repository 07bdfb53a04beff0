import type { NetworkNode } from '../../adapters/network-node/interface.ts';
import { toFault } from '../../errors.ts';
import { limitedCall } from '../../limited-call.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { BlockHeight } from '../../units.ts';
import { Backoff } from './backoff.ts';
import type { Outbox, OutboxEntry, OutboxOutcome } from '../../runtime/outbox.ts';
import type { RelayEvent } from './relay-event.ts';

export interface DelivererOptions {
  readonly outbox: Outbox;
  readonly networkNode: Pick<NetworkNode, 'deliver'>;
  readonly clock: Clock;
  /** Height of the chain as last seen; null when none was: nothing expires then. */
  height(): BlockHeight | null;
  onEvent(event: RelayEvent): void;
  /** Limit of one delivery, real milliseconds. @default 65 000 */
  readonly deliverTimeoutMs?: number;
}

/** Entries that are taken from the outbox at once. */
const lookMax = 64;
/** Deliveries to one Network Node at a time. */
const parallelMax = 4;
/** How long a failing store is left alone. */
const storePauseMs = 1_000;

/**
 * Brings queued callbacks to the Network Node, oldest first, one at a time per target, until each is taken, refused
 * for good, or its window has closed (invariant I9). Sleeps while there is nothing to do.
 */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #stopped = new AbortController();
  readonly #entryBackoff: Backoff<number>;
  readonly #targetBackoff: Backoff<string>;
  /** Outcomes that the store did not take yet: the callback itself must not be sent a second time for that. */
  readonly #owed = new Map<number, OutboxOutcome>();
  /** One for each target that is being delivered to. */
  readonly #lanes = new Map<string, Promise<void>>();
  #isStopping = false;
  #timer: unknown;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#entryBackoff = new Backoff(options.clock);
    this.#targetBackoff = new Backoff(options.clock);
  }

  /** A callback to `url` was put. A lane that is under way looks by itself when it is through. Never throws. */
  queued = (url: string): void => {
    if (!this.#lanes.has(originOf(url))) this.wake();
  };

  /** Looks for work; call it once at the start. Never throws. */
  wake = (): void => {
    if (this.#isStopping) return;
    this.#options.clock.clearTimeout(this.#timer);
    try {
      this.#look();
    } catch {
      this.#wakeIn(storePauseMs);
    }
  };

  /** Starts nothing new; waits at most `limitMs` (real) for the deliveries in flight, then gives them up. */
  async stop(limitMs: number): Promise<void> {
    this.#isStopping = true;
    this.#options.clock.clearTimeout(this.#timer);
    const { promise: givenUp, resolve } = Promise.withResolvers<void>();
    const limit = setTimeout(() => {
      this.#stopped.abort();
      resolve();
    }, limitMs);
    await Promise.race([Promise.all(this.#lanes.values()), givenUp]);
    clearTimeout(limit);
  }

  #look(): void {
    const waits: number[] = [];
    const targets = Map.groupBy(this.#options.outbox.pending(lookMax), (entry) => originOf(entry.url));
    for (const [origin, entries] of targets) {
      if (this.#lanes.has(origin)) continue;
      const due = entries.filter((entry) => this.#waitOf(entry) <= 0);
      if (due.length > 0) this.#lanes.set(origin, this.#lane(origin, due));
      else waits.push(...entries.map((entry) => this.#waitOf(entry)));
    }
    if (waits.length > 0) this.#wakeIn(Math.min(...waits));
  }

  async #lane(origin: string, due: readonly OutboxEntry[]): Promise<void> {
    try {
      await this.#deliverAll(origin, due);
      this.#lanes.delete(origin);
      this.wake();
    } catch {
      // The store is away; the entries are in it, so it is asked again later.
      this.#lanes.delete(origin);
      this.#wakeIn(storePauseMs);
    }
  }

  /** Entries that failed before come after the others, so that one poisoned callback cannot hold back the rest. */
  async #deliverAll(origin: string, due: readonly OutboxEntry[]): Promise<void> {
    // The caller has to know the lane before anything in it happens.
    await Promise.resolve();
    const failures = (entry: OutboxEntry): number => this.#entryBackoff.failuresOf(entry.id);
    const queue = due.toSorted((a, b) => failures(a) - failures(b)).values();
    // A Network Node that takes twelve seconds over a batch would, one by one, not be through when the window closes.
    await Promise.all(Array.from({ length: parallelMax }, () => this.#deliverFrom(queue, origin)));
  }

  async #deliverFrom(queue: IterableIterator<OutboxEntry>, origin: string): Promise<void> {
    for (const entry of queue) {
      if (this.#isStopping) return;
      if (this.#isOver(entry)) this.#finish(entry, this.#owed.get(entry.id) ?? 'expired');
      else if (!(await this.#deliver(origin, entry))) return;
    }
  }

  /** False when the target is not to be asked again at once. */
  async #deliver(origin: string, entry: OutboxEntry): Promise<boolean> {
    const { outbox, networkNode, deliverTimeoutMs = 65_000 } = this.#options;
    const { id, leaseId, kind, url, body } = entry;
    outbox.countAttempt(id);
    try {
      await limitedCall(this.#stopped.signal, deliverTimeoutMs, (signal) =>
        networkNode.deliver({ url, body }, signal),
      );
    } catch (error) {
      const { code } = toFault(error);
      if (code === 'CALLBACK_REFUSED') {
        this.#finish(entry, 'refused');
        return true;
      }
      this.#entryBackoff.failed(id);
      this.#targetBackoff.failed(origin);
      this.#options.onEvent({ type: 'deferred', leaseId, id, kind, code, attempts: entry.attempts + 1 });
      return false;
    }
    this.#targetBackoff.forget(origin);
    this.#finish(entry, 'delivered');
    return true;
  }

  #finish(entry: OutboxEntry, outcome: OutboxOutcome): void {
    const { id, leaseId, kind, nonceCount } = entry;
    this.#owed.set(id, outcome);
    this.#options.outbox.finish(id, outcome);
    this.#owed.delete(id);
    this.#entryBackoff.forget(id);
    const about = { leaseId, id, kind, nonceCount };
    if (outcome === 'delivered') this.#options.onEvent({ type: 'delivered', ...about });
    else if (outcome === 'refused')
      this.#options.onEvent({ type: 'refused', ...about, code: 'CALLBACK_REFUSED' });
    else this.#options.onEvent({ type: 'expired', ...about, code: 'CALLBACK_EXPIRED' });
  }

  #isOver(entry: OutboxEntry): boolean {
    const height = this.#options.height();
    return this.#owed.has(entry.id) || (height !== null && height > entry.windowEndHeight);
  }

  #waitOf(entry: OutboxEntry): number {
    if (this.#isOver(entry)) return 0;
    return Math.max(this.#entryBackoff.waitMs(entry.id), this.#targetBackoff.waitMs(originOf(entry.url)));
  }

  #wakeIn(ms: number): void {
    if (this.#isStopping) return;
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = this.#options.clock.setTimeout(this.wake, ms);
  }
}

const originOf = (url: string): string => url.slice(0, url.indexOf('/', 'https://'.length));
