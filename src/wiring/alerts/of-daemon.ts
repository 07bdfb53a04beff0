import type { SourceView } from '../../adapters/chain/interface.ts';
import type { Channel } from '../../adapters/notify/interface.ts';
import type { Vast } from '../../adapters/vast/interface.ts';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createSqliteAlertLedger } from '../../runtime/sqlite-alert-ledger.ts';
import { createSqliteCallbackWindows } from '../../runtime/sqlite-callback-windows.ts';
import type { SqliteStore } from '../../runtime/sqlite-store.ts';
import { type AlertDesk, createAlertDesk } from './alerts.ts';
import { createHostWatch, type HostWatch } from './host.ts';
import { runbookBase } from './notices.ts';
import { createPocWatch } from './poc.ts';
import { createTrafficWatch } from './traffic.ts';
import type { Daemon } from '../daemon.ts';
import type { Log } from '../log.ts';
import { chainClockRow } from '../row-names.ts';

export interface DaemonAlertsOptions {
  readonly config: Config;
  readonly daemon: Daemon;
  readonly store: SqliteStore;
  readonly clock: Clock;
  readonly vast: Pick<Vast, 'account'>;
  readonly channels: readonly Channel[];
  readonly isDeploymentUnsaved: boolean;
  isInferenceHealthy(): boolean;
  /** Of several sources of the chain. @default there is one */
  chainSources?(): readonly SourceView[];
  readonly log: Log;
}

export interface DaemonAlerts extends AlertDesk {
  readonly host: Pick<HostWatch, 'creditUsd' | 'freeBytes'>;
}

/** The alert desk of a whole daemon: its watches look at every room. */
export function createDaemonAlerts(options: DaemonAlertsOptions): DaemonAlerts {
  const { config, daemon, store, clock, log } = options;
  const { rows, volatileRows, follower, lifeLine } = daemon;
  const host = createHostWatch({
    config,
    store,
    rows,
    vast: options.vast,
    clock,
    isDeploymentUnsaved: options.isDeploymentUnsaved,
    log,
  });
  const poc = createPocWatch({
    rows,
    follower,
    lifeLine,
    meta: store.meta,
    pocBlocks: config.alerts.pocBlocks,
    leaseTtlMs: config.leaseTtlMs,
    startedAt: clock.now(),
  });
  const traffic = createTrafficWatch({
    windows: createSqliteCallbackWindows(store.database),
    follower,
    rows,
    meta: store.meta,
    foreignCount: () => daemon.post.foreignCount(),
    isInferenceHealthy: () => options.isInferenceHealthy(),
    chainStanding: () =>
      (volatileRows.row(chainClockRow)?.value as { standing?: string } | undefined)?.standing,
    chainSources: () => options.chainSources?.() ?? [],
  });
  const desk = createAlertDesk({
    config,
    channels: options.channels,
    store,
    ledger: createSqliteAlertLedger(store.database),
    clock,
    open: () => [...rows.alerts(), ...volatileRows.alerts()],
    watch: (now, channels) => [...poc(now), ...traffic(now), ...host.alerts(now, channels)],
    runbooks: runbookBase(config),
    log,
  });
  return {
    ...desk,
    host,
    stop: async () => {
      host.stop();
      await desk.stop();
    },
  };
}
