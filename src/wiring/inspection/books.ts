import type { Config } from '../../config/config.ts';
import type { EpochContext } from '../../machines/epoch-context.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { RowView } from '../../runtime/interface.ts';
import type { CallbackSample, CallbackSamples } from '../../runtime/sqlite-callback-samples.ts';
import type { History } from '../../runtime/sqlite-history.ts';
import type { EpochSummary, LeaseSummary, NoncesAnswer } from '../../server/inspection/book-answers.ts';
import type { InspectionBooks } from '../../server/inspection/inspection-books.ts';
import type { ChargesWatch } from '../renting/charges-watch.ts';
import type { Daemon } from '../daemon.ts';
import { epochSummary, type LeaseMoney, leaseSummary } from './rows.ts';
import { shareOf } from '../renting/lease-shares.ts';
import { epochRow, leaseRow } from '../row-names.ts';
import type { TrafficBook } from '../gateway/traffic-book.ts';
import type { UsageAccountant } from '../gateway/usage-accountant.ts';

const dayMs = 86_400_000;
/** Entries of one epoch's story. */
const storyMax = 2_000;
const costsShown = 30;
/** PoCs looked at for the newest series. */
const seriesLooked = 5;

export interface InspectionBooksOptions {
  readonly config: Config;
  readonly daemon: Pick<Daemon, 'rows' | 'planning'>;
  readonly clock: Clock;
  readonly history: History;
  readonly samples: CallbackSamples;
  readonly usage: Pick<UsageAccountant, 'view'>;
  readonly traffic: Pick<TrafficBook, 'view'>;
  /** @default the provider's charges are not read */
  readonly charges?: Pick<ChargesWatch, 'chargedFor'>;
}

/** The daemon's past and its money, read from the store. */
export function createInspectionBooks(options: InspectionBooksOptions): InspectionBooks {
  const { clock, history, samples, traffic } = options;

  const moneyOf = (rowIds: readonly string[]): ReadonlyMap<string, LeaseMoney> =>
    new Map(history.money(rowIds).map((row) => [row.rowId, row]));
  const leaseOf = (row: RowView): LeaseSummary => ({
    ...leaseSummary(row, moneyOf([row.id]).get(row.id), clock.now()),
    chargedMicroUsd: options.charges?.chargedFor(row.id.slice('lease:'.length)) ?? null,
  });

  /** A machine that was handed on is shared out among the epochs that had it. */
  function sharesOf(owner: string, leaseIds: readonly string[]): ReadonlyMap<string, LeaseMoney> {
    const shares = [...moneyOf(leaseIds)].flatMap(([id, money]): [string, LeaseMoney][] => {
      const lease = options.daemon.rows.row(id);
      const owners = history.ownerships(id);
      if (lease === undefined || owners.length < 2) return [[id, money]];
      const context = lease.context as LeaseContext;
      const endedAt = lease.status === 'done' ? lease.updatedAt : null;
      const share = shareOf({ context, endedAt, owners, money }, owner, clock.now());
      return share === undefined ? [] : [[id, share]];
    });
    return new Map(shares);
  }

  function epochs(page: { readonly before?: number; readonly limit: number }): EpochSummary[] {
    const owners = history.leaseOwners();
    return history.epochs(page).map((row) => epochSummary(row, sharesOf(row.id, leasesOf(row, owners))));
  }

  return {
    epochs: (page) => {
      const found = epochs(page);
      const last = found.length === page.limit ? found.at(-1) : undefined;
      return { epochs: found, nextBefore: last?.epochIndex ?? null };
    },
    epoch: (index) => {
      const row = options.daemon.rows.row(epochRow(index));
      if (row === undefined) return undefined;
      const leaseIds = leasesOf(row, history.leaseOwners());
      const journal = history.journal({ rowIds: [row.id, ...leaseIds], limit: storyMax });
      return {
        epoch: epochSummary(row, sharesOf(row.id, leaseIds)),
        leases: leaseIds.flatMap((id) => {
          const lease = options.daemon.rows.row(id);
          return lease === undefined ? [] : [leaseOf(lease)];
        }),
        journal: [...journal],
        isJournalCut: journal.length === storyMax,
      };
    },
    leases: ({ before, limit }) => {
      const rows = history.leases({ limit, ...(before === undefined ? {} : { before: leaseRow(before) }) });
      const leases = rows.map(leaseOf);
      return { leases, nextBefore: rows.length === limit ? (leases.at(-1)?.leaseId ?? null) : null };
    },
    journal: ({ rowId, before, limit }) => {
      const entries = history.journal({
        limit,
        ...(rowId === undefined ? {} : { rowIds: [rowId] }),
        ...(before === undefined ? {} : { before }),
      });
      return {
        entries: [...entries],
        nextBefore: entries.length === limit ? (entries[0]?.seq ?? null) : null,
      };
    },
    money: () => moneyView(options, epochs({ limit: costsShown })),
    nonces: (epochIndex) => series(options, epochIndex),
    inference: () => ({
      now: Date.now(),
      backEnds: traffic.view().map((each) => ({ ...each, series: [...each.series] })),
    }),
  };

  function series(
    { daemon }: InspectionBooksOptions,
    asked: number | undefined,
  ): ReturnType<InspectionBooks['nonces']> {
    const rows =
      asked === undefined
        ? history.epochs({ limit: seriesLooked })
        : [daemon.rows.row(epochRow(asked))].filter((row) => row !== undefined);
    for (const row of rows) {
      const found = samplesOf(row, samples);
      if (found.generated.length + found.validated.length > 0) return found;
    }
    return { epochIndex: asked ?? null, generated: [], validated: [] };
  }
}

function samplesOf(row: RowView, samples: CallbackSamples): NoncesAnswer {
  const { plan } = (row.context ?? {}) as Partial<EpochContext>;
  const of = (height: number | undefined): CallbackSample[] =>
    height === undefined ? [] : samples.ofWindow(height).map((sample) => ({ ...sample }));
  return {
    epochIndex: Number(row.id.slice('epoch:'.length)),
    generated: of(plan?.exchangeEndHeight),
    validated: of(plan?.validationEndHeight),
  };
}

/** Those that want it now, and those that it counts on: a machine may have come from the epoch before. */
function leasesOf(row: RowView, owners: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const { leaseId, crew = [] } = (row.context ?? {}) as {
    readonly leaseId?: string | null;
    readonly crew?: readonly { readonly leaseId: string }[];
  };
  const counted = [...crew.map((member) => member.leaseId), ...(leaseId ? [leaseId] : [])].map(leaseRow);
  return [...new Set([...(owners.get(row.id) ?? []), ...counted])];
}

function moneyView(
  { config, daemon, clock, history, usage }: InspectionBooksOptions,
  epochs: readonly EpochSummary[],
): ReturnType<InspectionBooks['money']> {
  const now = clock.now();
  const leases = daemon.rows.leases();
  const open = leases.filter(({ settled }) => settled === null);
  const { spent, reserved } = daemon.planning.today();
  return {
    today: {
      spentMicroUsd: spent,
      reservedMicroUsd: reserved,
      capMicroUsd: config.rental.maxDailySpend,
      endsAt: (Math.floor(now / dayMs) + 1) * dayMs,
    },
    epochCapMicroUsd: config.rental.maxEpochSpend ?? null,
    priceCapMicroUsdPerHour: config.vast.priceMax,
    runningMicroUsdPerHour: open
      .filter(({ instanceId }) => typeof instanceId === 'number')
      .reduce((sum, { price = 0 }) => sum + price, 0),
    settledEverMicroUsd: history.settledEver(),
    inference: { ...usage.view() },
    epochs: epochs.map(
      ({ epochIndex, outcome, spentMicroUsd, reservedMicroUsd, costPerThousandNoncesMicroUsd }) => ({
        epochIndex,
        outcome,
        spentMicroUsd,
        reservedMicroUsd,
        costPerThousandNoncesMicroUsd,
      }),
    ),
  };
}
