import { statfs } from 'node:fs/promises';
import type { Vast } from '../../adapters/vast/interface.ts';
import type { Config } from '../../config/config.ts';
import { toFault } from '../../errors.ts';
import type { EpochContext } from '../../machines/epoch-context.ts';
import type { Alert } from '../../machines/writes.ts';
import { worstCaseCost } from '../../policy/metering.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Runtime } from '../../runtime/interface.ts';
import type { Store } from '../../runtime/store.ts';
import { dollars, microUsd, type MicroUsd, microUsdOfDollars, type UnixMs } from '../../units.ts';
import type { ChannelView } from './delivery.ts';
import type { Log } from '../log.ts';

export interface HostWatchOptions {
  readonly config: Config;
  readonly store: Pick<Store, 'parked'>;
  readonly rows: Pick<Runtime, 'rows' | 'leases'>;
  readonly vast: Pick<Vast, 'account'>;
  readonly clock: Clock;
  readonly isDeploymentUnsaved: boolean;
  readonly log: Log;
}

export interface HostWatch {
  alerts(now: UnixMs, channels: readonly ChannelView[]): readonly Alert[];
  /** Spendable dollars at Vast.ai as last read; null before that. */
  creditUsd(): number | null;
  /** Bytes free on the disk of STATE_DIR as last read; null before that. */
  freeBytes(): number | null;
  stop(): void;
}

/** Clock milliseconds between two looks. */
const creditPauseMs = 1_800_000;
const diskPauseMs = 60_000;
const parkedMs = 86_400_000;
const skewMsMax = 5_000;
const freeBytesMin = 256 * 2 ** 20;
/** A channel that fails once or twice is no news: it is tried again. */
const failuresMax = 3;
const releaseTailMs = 15 * 60_000;

/** What is wrong with this host, its store and its accounts. */
export function createHostWatch(options: HostWatchOptions): HostWatch {
  const { config, clock, store, rows, log } = options;
  const stopping = new AbortController();
  const wall = wallClock(config, clock);
  let creditUsd: number | null = null;
  let freeBytes: number | null = null;

  const readCredit = everySoOften(creditPauseMs, async () => {
    ({ creditUsd } = await options.vast.account(stopping.signal));
  });
  const readDisk = everySoOften(diskPauseMs, async () => {
    const { bavail, bsize } = await statfs(config.stateDir);
    freeBytes = bavail * bsize;
  });

  /** One at a time; a failure is tried again at the next turn and says nothing here: others watch the neighbours. */
  function everySoOften(pauseMs: number, read: () => Promise<void>): (now: UnixMs) => void {
    let dueAt = Number.NEGATIVE_INFINITY;
    return (now) => {
      if (now < dueAt || stopping.signal.aborted) return;
      dueAt = Number.POSITIVE_INFINITY;
      void read()
        .catch((error: unknown) => log.debug({ fault: toFault(error) }, 'alerts.look_failed'))
        .finally(() => {
          dueAt = clock.now() + pauseMs;
        });
    };
  }

  return {
    alerts: (now, channels) => {
      if (config.rental.policy !== 'off') readCredit(now);
      readDisk(now);
      return [
        ...lowCredit(creditUsd, nextReserve(rows, config)),
        ...(freeBytes !== null && freeBytes < freeBytesMin ? [diskLow] : []),
        ...parked(store, rows, now),
        ...(Math.abs(wall.skewMs()) > skewMsMax ? [skewed] : []),
        ...(options.isDeploymentUnsaved ? [unsaved] : []),
        ...channels.flatMap(failingChannel),
      ];
    },
    creditUsd: () => creditUsd,
    freeBytes: () => freeBytes,
    stop: () => stopping.abort(),
  };
}

const diskLow: Alert = {
  key: 'disk',
  code: 'DISK_LOW',
  message: 'less than 256 MB are free on the disk of STATE_DIR',
};
const skewed: Alert = {
  key: 'clock',
  code: 'CLOCK_SKEW',
  message: "this host's clock was set by more than 5 s while the daemon ran, or the host slept",
};
const unsaved: Alert = {
  key: 'deployment',
  code: 'DEPLOYMENT_UNSAVED',
  message: 'DEPLOYMENT_ID is in the store only: a lost store would not know its machines',
};

/** The greatest of the newest reservations, or before the first one the worst case of the PoC ahead. */
function nextReserve(rows: Pick<Runtime, 'rows' | 'leases'>, config: Config): MicroUsd {
  const latest = rows
    .leases()
    .toSorted((a, b) => b.openedAt - a.openedAt)
    .slice(0, 3)
    .map(({ reserved }) => reserved);
  if (latest.length > 0) return microUsd(Math.max(...latest));
  const plans = rows.rows({ chart: 'epoch' }).map((row) => (row.context as EpochContext).plan);
  return microUsd(
    Math.max(
      0,
      ...plans.map(({ holdUntilHeight, rentHeight, blockTimeMs }) =>
        worstCaseCost(config.vast.priceMax, (holdUntilHeight - rentHeight) * blockTimeMs + releaseTailMs, 0),
      ),
    ),
  );
}

function lowCredit(creditUsd: number | null, needed: MicroUsd): readonly Alert[] {
  if (creditUsd === null || microUsdOfDollars(Math.max(0, creditUsd)) >= needed) return [];
  const credit = dollars(microUsdOfDollars(Math.max(0, creditUsd)));
  const message = `the Vast.ai account has ${credit}, the next rental reserves ${dollars(needed)}`;
  return [{ key: 'credit', code: 'CREDIT_LOW', message }];
}

function parked(store: Pick<Store, 'parked'>, rows: Pick<Runtime, 'rows'>, now: UnixMs): readonly Alert[] {
  const events = store.parked.newest(20).filter(({ at }) => now - at < parkedMs);
  const unfit = rows.rows().filter(({ status }) => status === 'parked');
  return [
    ...new Map(
      events.map(({ rowId, event, fault }): [string, Alert] => [
        rowId,
        {
          key: `parked:${rowId}`,
          code: fault.code,
          message: `${rowId} failed on ${event.type}, which was parked: ${fault.message}`,
        },
      ]),
    ).values(),
    ...unfit.map(
      ({ id }): Alert => ({
        key: `parked:${id}:row`,
        code: 'SNAPSHOT_UNFIT',
        message: `the stored state of ${id} does not fit this version`,
      }),
    ),
  ];
}

function failingChannel({ name, failures, fault }: ChannelView): readonly Alert[] {
  if (fault === null || (failures < failuresMax && fault.class !== 'operator')) return [];
  return [{ key: `channel:${name}`, code: 'NOTIFY_FAILING', message: fault.message }];
}

/** What the wall clock says against the time that has passed, real milliseconds; the daemon's clock never follows it. */
function wallClock(config: Config, clock: Clock): { skewMs(): number } {
  const origin = config.timeScale === 1 ? 0 : config.timeOriginMs;
  const real = (): number => origin + (clock.now() - origin) / config.timeScale;
  const startSkew = Date.now() - real();
  return { skewMs: () => Date.now() - real() - startSkew };
}
