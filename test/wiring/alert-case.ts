import { createSimulatedChannel } from '../../src/adapters/notify/simulated.ts';
import type { Channel } from '../../src/adapters/notify/interface.ts';
import type { Notice } from '../../src/alerts/notice.ts';
import type { Alert } from '../../src/machines/writes.ts';
import { createSqliteAlertLedger } from '../../src/runtime/sqlite-alert-ledger.ts';
import { openSqliteStore, type SqliteStore } from '../../src/runtime/sqlite-store.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { Secret } from '../../src/secret.ts';
import { type AlertDesk, createAlertDesk } from '../../src/wiring/alerts/alerts.ts';
import { ReceiversWorld } from '../../src/world/receivers/receivers-world.ts';
import { configWith } from './settings.ts';
import { silent } from './small-town.ts';

/** An alert desk over a store in a file or in memory, with web hooks of the world, under a virtual clock. */
export class AlertCase {
  readonly clock: VirtualClock;
  readonly worlds = new Map<string, ReceiversWorld>();
  readonly store: SqliteStore;
  readonly desk: AlertDesk;
  /** What the watches see. */
  seen: Alert[] = [];

  constructor(options: { path?: string; startAt?: number; channels?: readonly string[] } = {}) {
    this.clock = new VirtualClock(options.startAt ?? 1_760_000_000_000);
    this.store = openSqliteStore(options.path ?? ':memory:');
    const channels = (options.channels ?? ['webhook']).map((name) => this.#channel(name));
    this.desk = createAlertDesk({
      config: configWith(),
      channels,
      store: this.store,
      ledger: createSqliteAlertLedger(this.store.database),
      clock: this.clock,
      open: () => this.store.alerts.open(100),
      watch: () => this.seen,
      runbooks: 'http://127.0.0.1:9220/v1/runbooks/',
      log: silent,
    });
  }

  #channel(name: string): Channel {
    const world = new ReceiversWorld({
      telegramToken: '',
      discordToken: '',
      slackToken: '',
      hookToken: name,
    });
    this.worlds.set(name, world);
    const url = new Secret(`http://receiver.world/hook/${name}`);
    return { ...createSimulatedChannel({ url }, world, this.clock), name: name as Channel['name'] };
  }

  world(name = 'webhook'): ReceiversWorld {
    const world = this.worlds.get(name);
    if (world === undefined) throw new Error(`no channel ${name}`);
    return world;
  }

  told(name = 'webhook'): Notice[] {
    return this.world(name).taken.map(({ body }) => body as unknown as Notice);
  }

  raise(alert: Alert): void {
    this.store.transaction(() => this.store.alerts.raise('lease:L', alert, this.clock.now()));
  }

  clear(key: string): void {
    this.store.transaction(() => this.store.alerts.clear(key));
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advanceBy(ms);
  }

  async close(): Promise<void> {
    await this.desk.stop();
    this.store.close();
  }
}

export const leak: Alert = {
  key: 'destroy:L',
  code: 'VAST_UNREACHABLE',
  message: 'instance 7 is not destroyed yet',
};
export const missed: Alert = { key: 'poc-missed:7', code: 'POC_MISSED', message: 'PoC 7 ended as missed' };
