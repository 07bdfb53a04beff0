import { HybridError } from '../../src/errors.ts';
import type {
  LeaseTotals,
  Outbox,
  OutboxEntry,
  OutboxOutcome,
  OutboxTotals,
} from '../../src/runtime/outbox.ts';
import type { BlockHeight } from '../../src/units.ts';

/** The outbox contract without a store, with the two ways in which a store fails. */
export class MemoryOutbox implements Outbox {
  readonly entries = new Map<number, OutboxEntry>();
  readonly outcomes = new Map<number, OutboxOutcome>();
  readonly #finished: { readonly entry: OutboxEntry; readonly outcome: OutboxOutcome }[] = [];
  readonly capacity: number;
  /** While true every write throws STORE_BROKEN and changes nothing. */
  isBroken = false;
  #nextId = 1;

  constructor(capacity = 1_000) {
    this.capacity = capacity;
  }
  put(entry: Omit<OutboxEntry, 'id' | 'attempts'>): OutboxEntry {
    this.#write();
    if (this.entries.size >= this.capacity) throw new HybridError({ code: 'RELAY_FULL', message: 'full' });
    const stored: OutboxEntry = { ...entry, id: this.#nextId, attempts: 0 };
    this.#nextId += 1;
    this.entries.set(stored.id, stored);
    return stored;
  }
  pending(limit: number): readonly OutboxEntry[] {
    return [...this.entries.values()].slice(0, limit);
  }
  countAttempt(id: number): void {
    this.#write();
    const entry = this.entries.get(id);
    if (entry) this.entries.set(id, { ...entry, attempts: entry.attempts + 1 });
  }
  finish(id: number, outcome: OutboxOutcome): void {
    this.#write();
    const entry = this.entries.get(id);
    if (!entry) return;
    this.entries.delete(id);
    this.outcomes.set(id, outcome);
    this.#finished.push({ entry, outcome });
  }
  totals(): OutboxTotals {
    const count = (outcome: OutboxOutcome): number =>
      [...this.outcomes.values()].filter((o) => o === outcome).length;
    return {
      queued: this.entries.size,
      delivered: count('delivered'),
      refused: count('refused'),
      expired: count('expired'),
    };
  }
  within(windowEndHeight: BlockHeight): ReturnType<Outbox['within']> {
    const finished = this.#finished.filter(({ entry }) => entry.windowEndHeight === windowEndHeight);
    const delivered = finished.filter(({ outcome }) => outcome === 'delivered');
    return {
      deliveredNonces: delivered.reduce((sum, { entry }) => sum + entry.nonceCount, 0),
      deliveredCallbacks: delivered.length,
      undeliverable: finished.length - delivered.length,
      queued: [...this.entries.values()].filter((entry) => entry.windowEndHeight === windowEndHeight).length,
    };
  }
  byLease(windowEndHeight: BlockHeight): readonly LeaseTotals[] {
    const finished = this.#finished.filter(({ entry }) => entry.windowEndHeight === windowEndHeight);
    const queued = [...this.entries.values()].filter((entry) => entry.windowEndHeight === windowEndHeight);
    const leaseIds = new Set([
      ...finished.map(({ entry }) => entry.leaseId),
      ...queued.map((e) => e.leaseId),
    ]);
    return [...leaseIds].toSorted().map((leaseId) => {
      const mine = finished.filter(({ entry }) => entry.leaseId === leaseId);
      const delivered = mine.filter(({ outcome }) => outcome === 'delivered');
      const waiting = queued.filter((entry) => entry.leaseId === leaseId);
      return {
        leaseId,
        deliveredNonces: delivered.reduce((sum, { entry }) => sum + entry.nonceCount, 0),
        deliveredCallbacks: delivered.length,
        undeliverable: mine.length - delivered.length,
        queued: waiting.length,
        queuedNonces: waiting.reduce((sum, entry) => sum + entry.nonceCount, 0),
      };
    });
  }
  #write(): void {
    if (this.isBroken) throw new HybridError({ code: 'STORE_BROKEN', message: 'disk full' });
  }
}
