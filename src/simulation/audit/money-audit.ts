import type { LeaseContext, LeaseInput } from '../../machines/lease-context.ts';
import { bookedOn, type LedgerLease, reservedUntil, utcDay } from '../../policy/day-ledger.ts';
import type { JournalEntry } from '../../runtime/interface.ts';
import { dollars, type MicroUsd, unixMs } from '../../units.ts';
import type { InstanceBook } from '../../figures/books.ts';
import type { RowBook } from './row-book.ts';
import { releaseTailMs } from './release-tail.ts';
import type { Violations } from './violation.ts';

const dayMs = 86_400_000;

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
  /** Leases that are there, by their rows; and those that ended within the last days. */
  readonly #open = new Set<string>();
  #ended: LedgerLease[] = [];

  constructor(options: MoneyAuditOptions) {
    this.#options = options;
  }

  onStep(entry: JournalEntry): void {
    if (entry.chart !== 'lease') return;
    if (entry.value === 'gone') this.#end(entry);
    if (entry.event.type === 'xstate.init') {
      this.#open.add(entry.rowId);
      const { openedAt, reserved, offer } = entry.event['input'] as LeaseInput;
      this.#judge(entry.at, reservedUntil({ ...offer, openedAt, reserved, runningAt: null, endedAt: null }));
    } else if (entry.event.type === 'LEASE.HANDED_OVER') {
      this.#judge(entry.at, entry.at);
    }
  }

  #end({ rowId, at }: JournalEntry): void {
    this.#open.delete(rowId);
    this.#ended = this.#ended.filter(({ endedAt }) => (endedAt ?? at) > at - 2 * dayMs);
    const lease = this.#options.rows.lease(rowId);
    if (lease !== undefined && lease.instanceId !== null) this.#ended.push(ledgerOf(lease, at));
  }

  /** I5: no day that the newest reservation touches bears more than the cap. */
  #judge(at: number, until: number): void {
    const { rows, violations, dailyCap } = this.#options;
    const now = unixMs(at);
    const open = [...this.#open].flatMap((rowId) => {
      const lease = rows.lease(rowId);
      return lease === undefined ? [] : [ledgerOf(lease, null)];
    });
    for (let day = utcDay(at); day <= utcDay(Math.max(at, until)); day += 1) {
      const sum = Math.floor(
        [...this.#ended, ...open].reduce((total, lease) => total + bookedOn(lease, day, now), 0),
      );
      if (sum > dailyCap)
        violations.report(
          'I5',
          `${dollars(sum as MicroUsd)} are spent and reserved for one day, the cap is ${dollars(dailyCap)}`,
        );
    }
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

const ledgerOf = ({ offer, ...lease }: LeaseContext, endedAt: number | null): LedgerLease => ({
  openedAt: lease.openedAt,
  runningAt: lease.runningAt,
  endedAt: endedAt === null ? null : unixMs(endedAt),
  gpuPrice: offer.gpuPrice,
  diskPrice: offer.diskPrice,
  trafficUsd: offer.trafficUsd,
  reserved: lease.reserved,
});
