import type { JournalEntry } from '../../runtime/interface.ts';
import { dollars, type MicroUsd } from '../../units.ts';
import type { InstanceBook } from '../../figures/books.ts';
import type { RowBook } from './row-book.ts';
import type { Violations } from './violation.ts';

const dayMs = 86_400_000;
/** A destroy and its proof may take so long; part of every reservation (invariant I5). */
const releaseTailMs = 15 * 60_000;

export interface MoneyAuditOptions {
  readonly violations: Violations;
  readonly rows: RowBook;
  /** The operator's word, whatever the daemon was told. */
  readonly dailyCap: MicroUsd;
}

/** What was spent: I5 from the rows at every reservation, and the provider's own bill at the end. */
export class MoneyAudit {
  readonly #options: MoneyAuditOptions;
  readonly #destroyAskedAt = new Map<number, number>();
  /** What each lease of today and of yesterday costs at the most, by its row. */
  readonly #leases = new Map<string, { readonly openedAt: number; amount: number; isSettled: boolean }>();

  constructor(options: MoneyAuditOptions) {
    this.#options = options;
  }

  onStep(entry: JournalEntry): void {
    if (entry.chart !== 'lease') return;
    const { rows, violations, dailyCap } = this.#options;
    const lease = this.#leases.get(entry.rowId);
    if (entry.value === 'gone' && lease !== undefined)
      Object.assign(lease, { amount: rows.settled(entry.rowId) ?? lease.amount, isSettled: true });
    if (entry.event.type !== 'xstate.init') return;
    const amount = rows.reserved(entry.rowId) ?? 0;
    this.#leases.set(entry.rowId, { openedAt: entry.at, amount, isSettled: false });
    const dayStart = Math.floor(entry.at / dayMs) * dayMs;
    let sum = 0;
    for (const [rowId, { openedAt, amount: cost, isSettled }] of this.#leases) {
      if (!isSettled || openedAt >= dayStart) sum += cost;
      else this.#leases.delete(rowId);
    }
    if (sum > dailyCap)
      violations.report(
        'I5',
        `${dollars(sum as MicroUsd)} are spent and reserved for one day, the cap is ${dollars(dailyCap)}`,
      );
  }

  /** A destroy of that instance has reached the provider. */
  destroyAsked(instanceId: number, atMs: number): void {
    if (!this.#destroyAskedAt.has(instanceId)) this.#destroyAskedAt.set(instanceId, atMs);
  }

  /** What the provider billed although the destroy was asked for long before. */
  forcedUsd(instances: readonly InstanceBook[], nowMs: number): number {
    return instances.reduce((sum, instance) => {
      const askedAt = this.#destroyAskedAt.get(instance.instanceId);
      const endMs = instance.destroyedAt ?? nowMs;
      if (askedAt === undefined || endMs <= askedAt + releaseTailMs) return sum;
      const lifeMs = endMs - instance.createdAt;
      return sum + instance.costUsd * ((endMs - askedAt - releaseTailMs) / lifeMs);
    }, 0);
  }

  /** The most by which the bill of one UTC day passes the cap; each instance's cost spread over its life. */
  overshootUsd(instances: readonly InstanceBook[], nowMs: number): number {
    const days = new Map<number, number>();
    for (const { createdAt, destroyedAt, costUsd } of instances) {
      const endMs = Math.max(destroyedAt ?? nowMs, createdAt + 1);
      for (let day = Math.floor(createdAt / dayMs); day * dayMs < endMs; day += 1) {
        const partMs = Math.min(endMs, (day + 1) * dayMs) - Math.max(createdAt, day * dayMs);
        days.set(day, (days.get(day) ?? 0) + (costUsd * partMs) / (endMs - createdAt));
      }
    }
    const capUsd = this.#options.dailyCap / 1e6;
    return Math.max(0, ...[...days.values()].map((usd) => usd - capUsd));
  }
}
