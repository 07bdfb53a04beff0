import { ulid } from 'ulid';
import type { Channel } from '../../adapters/notify/interface.ts';
import { turnPage } from '../../alerts/incident-book.ts';
import type { Notice } from '../../alerts/notice.ts';
import type { Config } from '../../config/config.ts';
import { toFault } from '../../errors.ts';
import type { Alert } from '../../machines/writes.ts';
import type { AlertLedger, Incident, NoticeRecord } from '../../runtime/alert-ledger.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { OpenAlert } from '../../runtime/interface.ts';
import { isStoreFailure } from '../../runtime/job-queue.ts';
import type { Store } from '../../runtime/store.ts';
import type { UnixMs } from '../../units.ts';
import { type ChannelView, createDelivery } from './delivery.ts';
import { noticeOf } from './notices.ts';
import { createStoreTrouble } from './store.ts';
import type { Log } from '../log.ts';

export interface AlertDeskOptions {
  readonly config: Pick<Config, 'alerts' | 'node' | 'timeScale'>;
  readonly channels: readonly Channel[];
  readonly store: Pick<Store, 'transaction' | 'alerts' | 'meta'>;
  readonly ledger: AlertLedger;
  readonly clock: Clock;
  /** Every open alert, those of rows in memory included. */
  open(): readonly OpenAlert[];
  /** What no chart says by itself; asked every few seconds, must not block. */
  watch(now: UnixMs, channels: readonly ChannelView[]): readonly Alert[];
  /** Base of the links to runbooks, with a slash behind it. */
  readonly runbooks: string;
  readonly log: Log;
}

export interface AlertDesk {
  start(): void;
  /** For the inspection. */
  view(): { readonly channels: readonly ChannelView[]; readonly notices: readonly NoticeRecord[] };
  stop(): Promise<void>;
}

/** Between two looks at the open alerts: with the settling of a kind, everything is told within 30 s. Clock ms. */
const lookPauseMs = 5_000;
/** A sandbox's clock may run a thousand times faster; looks need not. Real milliseconds. */
const lookPauseRealMs = 50;
/** In the store, the row that the desk's own alerts belong to. */
const ownRow = 'alerts';
const historyShown = 50;
const stopLimitMs = 2_000;

/**
 * Looks at everything that is wrong, and tells who wants to know: what charts raised, and what its watches see. Open
 * alerts, decisions and messages are all in the store, so a crash loses none, and repeats none that was sent.
 */
export function createAlertDesk(options: AlertDeskOptions): AlertDesk {
  const { store, ledger, clock, config, log } = options;
  const delivery = createDelivery({ ...options, timeScale: config.timeScale });
  const startedAt = clock.now();
  const notices = { node: config.node.id, runbooks: options.runbooks };
  const trouble = createStoreTrouble({
    ...notices,
    reminderMs: config.alerts.reminderMs,
    tell: (notice) => delivery.direct(notice),
  });
  const terms = { ...config.alerts, startedAt, newId: () => ulid(clock.now()) };
  let incidents: readonly Incident[] | undefined;
  let timer: unknown;

  function look(): void {
    const now = clock.now();
    try {
      beat(now);
      raiseAndClear(options.watch(now, delivery.view()), now);
      turn(now);
      trouble.isWell(now);
    } catch (error) {
      // What was decided and not committed is decided anew by the next look.
      incidents = undefined;
      const fault = toFault(error);
      if (isStoreFailure(error)) trouble.isIll(fault, now);
      log.warn({ fault }, 'alerts.look_failed');
    }
    delivery.wake();
    timer = clock.setTimeout(look, Math.max(lookPauseMs, lookPauseRealMs * config.timeScale), 'alerts.look');
  }

  /** A store that nobody writes to would be missed only when it is needed. */
  let beatAt = Number.NEGATIVE_INFINITY;
  function beat(now: UnixMs): void {
    if (now - beatAt < 4 * lookPauseMs) return;
    store.transaction(() => store.meta.set('alerts.looked_at', String(Math.round(now))));
    beatAt = now;
  }

  function raiseAndClear(wanted: readonly Alert[], now: UnixMs): void {
    const own = options.open().filter(({ rowId }) => rowId === ownRow);
    const known = new Map(own.map((alert) => [alert.key, alert]));
    const wantedKeys = new Set(wanted.map(({ key }) => key));
    const raise = wanted.filter((alert) => {
      const before = known.get(alert.key);
      return before?.code !== alert.code || before.message !== alert.message;
    });
    const clear = own.filter(({ key }) => !wantedKeys.has(key));
    if (raise.length + clear.length === 0) return;
    store.transaction(() => {
      for (const alert of raise) store.alerts.raise(ownRow, alert, now);
      for (const { key } of clear) store.alerts.clear(key);
    });
    for (const { key, code } of raise) log.warn({ key, code }, 'alert.raised');
  }

  function turn(now: UnixMs): void {
    incidents ??= ledger.incidents();
    const change = turnPage(incidents, options.open(), now, terms);
    if (change.keep.length + change.forget.length === 0) return;
    const messages = change.tellings.flatMap((telling) => addressed(noticeOf(telling, now, notices)));
    ledger.record({ keep: change.keep, forget: change.forget, notices: messages }, now);
    incidents = undefined;
  }

  /** A channel that fails is not told of its own failure. */
  function addressed(notice: Notice): readonly { channel: string; body: string }[] {
    const body = JSON.stringify(notice);
    return options.channels
      .filter(({ name }) => notice.key !== `channel:${name}`)
      .map(({ name }) => ({ channel: name, body }));
  }

  return {
    start: look,
    view: () => ({ channels: delivery.view(), notices: ledger.history(historyShown) }),
    stop: async () => {
      clock.clearTimeout(timer);
      await delivery.stop(stopLimitMs);
    },
  };
}
