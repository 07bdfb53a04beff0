import type { Vast } from '../../adapters/vast/interface.ts';
import { toFault } from '../../errors.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { History } from '../../runtime/sqlite-history.ts';
import type { Store } from '../../runtime/store.ts';
import { unixMs } from '../../units.ts';
import type { Log } from '../log.ts';

/** On the daemon's clock. */
const pauseMs = 3_600_000;
/** Charges come per day and late: so long after its end a lease is compared again. */
const finalMs = 3 * 86_400_000;
const leasesLooked = 200;
const metaKey = 'ledger.charges';

export interface ChargesWatchOptions {
  readonly vast: Pick<Vast, 'charges'>;
  readonly history: Pick<History, 'leases' | 'money'>;
  readonly store: Pick<Store, 'meta' | 'journal'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Charged {
  readonly settled: number;
  readonly charged: number;
}

/** Own ledger beside the provider's charges; nothing is reckoned with the latter, caps least of all. */
export interface ChargesWatch {
  /** Micro-dollars that the provider charged for a lease; null while none are known. */
  chargedFor(leaseId: string): number | null;
  view(): Readonly<Record<string, unknown>>;
  /** Reads once; for tests, and for the first look. */
  look(): Promise<void>;
  start(): void;
  stop(): void;
}

/**
 * Compares settled leases with Vast.ai's charges once an hour (docs/reference/vast.md "Billing"). A difference that is
 * new goes into the journal, as `LEASE.CHARGED` of that lease. A key that may not read them does no harm.
 */
export function createChargesWatch(options: ChargesWatchOptions): ChargesWatch {
  const { vast, history, store, clock, log } = options;
  const ending = new AbortController();
  const known = new Map<string, Charged>(
    Object.entries(JSON.parse(store.meta.get(metaKey) ?? '{}') as Record<string, Charged>),
  );
  let [readAt, fault]: [number | null, string | null] = [null, null];
  let timer: unknown;

  async function look(): Promise<void> {
    const leases = endedLately(history, clock.now());
    const from = Math.min(...leases.map(({ openedAt }) => openedAt));
    if (leases.length === 0 || vast.charges === undefined) return;
    try {
      const charges = await vast.charges({ from, until: clock.now() }, ending.signal);
      [readAt, fault] = [clock.now(), null];
      for (const { leaseId, instanceId, settled } of leases) {
        const charged = charges.get(instanceId);
        if (charged === undefined || known.get(leaseId)?.charged === charged) continue;
        known.delete(leaseId);
        known.set(leaseId, { settled, charged });
        const event = { type: 'LEASE.CHARGED', settled, charged, difference: charged - settled };
        store.journal.append({
          rowId: `lease:${leaseId}`,
          chart: 'lease',
          at: unixMs(clock.now()),
          event,
          value: 'gone',
        });
      }
      store.meta.set(metaKey, JSON.stringify(Object.fromEntries([...known].slice(-leasesLooked))));
    } catch (error) {
      fault = toFault(error).code;
      log.debug({ fault: toFault(error) }, 'ledger.charges_unknown');
    }
  }

  const again = (): void => {
    timer = clock.setTimeout(() => void look().finally(again), pauseMs, 'daemon.charges');
  };

  return {
    look,
    chargedFor: (leaseId) => known.get(leaseId)?.charged ?? null,
    view: () => {
      const all = [...known.values()];
      const sum = (part: (one: Charged) => number): number =>
        all.reduce((total, one) => total + part(one), 0);
      return {
        leases: all.length,
        settledMicroUsd: sum(({ settled }) => settled),
        chargedMicroUsd: sum(({ charged }) => charged),
        differenceMicroUsd: sum(({ settled, charged }) => charged - settled),
        readAt,
        fault,
      };
    },
    start: again,
    stop: () => {
      ending.abort();
      clock.clearTimeout(timer);
    },
  };
}

interface EndedLease {
  readonly leaseId: string;
  readonly instanceId: number;
  readonly openedAt: number;
  readonly settled: number;
}

function endedLately(history: ChargesWatchOptions['history'], now: number): readonly EndedLease[] {
  return history.leases({ limit: leasesLooked }).flatMap((row) => {
    const { leaseId, instanceId, openedAt } = (row.context ?? {}) as Partial<LeaseContext>;
    const settled = history.money([row.id])[0]?.settled ?? null;
    const isKnown = leaseId !== undefined && openedAt !== undefined && typeof instanceId === 'number';
    if (row.status !== 'done' || !isKnown || settled === null || now - row.updatedAt > finalMs) return [];
    return [{ leaseId, instanceId, openedAt, settled }];
  });
}
