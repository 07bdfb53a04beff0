import type { Channel } from '../../adapters/notify/interface.ts';
import type { Notice } from '../../alerts/notice.ts';
import { type Fault, HybridError, toFault } from '../../errors.ts';
import type { AlertLedger, NoticeRecord, NoticeStatus } from '../../runtime/alert-ledger.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { UnixMs } from '../../units.ts';
import type { Log } from '../log.ts';

export interface DeliveryOptions {
  readonly channels: readonly Channel[];
  readonly ledger: AlertLedger;
  readonly clock: Clock;
  /** Clock milliseconds that pass in one real one. */
  readonly timeScale: number;
  readonly log: Log;
}

export interface ChannelView {
  readonly name: string;
  /** Failures in a row. */
  readonly failures: number;
  readonly fault: Fault | null;
  readonly sentAt: UnixMs | null;
  /** When it is tried again; null while nothing holds it back. */
  readonly pausedUntil: UnixMs | null;
}

/** Brings queued messages to their channels: each in order, each on its own, at least once, for a day at most. */
export interface Delivery {
  /** Looks for work. Never throws; to be called after each record, and every few seconds. */
  wake(): void;
  /** Past the ledger, for when the store itself fails: once a channel, lost with the process. */
  direct(notice: Notice): void;
  view(): readonly ChannelView[];
  /** Waits at most so long, real milliseconds, for what is on its way. */
  stop(limitMs: number): Promise<void>;
}

/** Of one message, real milliseconds; the adapters' own limits are shorter. */
const sendLimitMs = 30_000;
/** Clock milliseconds. */
const firstPauseMs = 5_000;
const longestPauseMs = 300_000;
const expiryMs = 86_400_000;
const directMax = 20;

export function createDelivery(options: DeliveryOptions): Delivery {
  const stopping = new AbortController();
  const lanes = options.channels.map((channel) => new Lane(channel, options, stopping.signal));
  return {
    wake: () => {
      for (const lane of lanes) lane.wake();
    },
    direct: (notice) => {
      for (const lane of lanes) lane.direct(notice);
    },
    view: () => lanes.map((lane) => lane.view()),
    stop: async (limitMs) => {
      const { promise: givenUp, resolve } = Promise.withResolvers<void>();
      const limit = setTimeout(resolve, limitMs);
      for (const lane of lanes) lane.close();
      await Promise.race([Promise.all(lanes.map((lane) => lane.running)), givenUp]);
      clearTimeout(limit);
      stopping.abort();
    },
  };
}

/** One channel: messages go one at a time, so that an end never overtakes its beginning. */
class Lane {
  running: Promise<void> = Promise.resolve();
  readonly #channel: Channel;
  readonly #options: DeliveryOptions;
  readonly #stopped: AbortSignal;
  readonly #direct: Notice[] = [];
  /** Outcomes that the store did not take yet: the message is not sent a second time for that. */
  readonly #owed = new Map<number, Exclude<NoticeStatus, 'queued'>>();
  #isBusy = false;
  #isClosed = false;
  #failures = 0;
  #fault: Fault | null = null;
  #sentAt: UnixMs | null = null;
  #pausedUntil = 0;

  constructor(channel: Channel, options: DeliveryOptions, stopped: AbortSignal) {
    this.#channel = channel;
    this.#options = options;
    this.#stopped = stopped;
  }

  wake(): void {
    if (this.#isBusy || this.#isClosed || this.#options.clock.now() < this.#pausedUntil) return;
    this.#isBusy = true;
    this.running = this.#work().finally(() => {
      this.#isBusy = false;
    });
  }

  direct(notice: Notice): void {
    if (this.#direct.length < directMax) this.#direct.push(notice);
    this.wake();
  }

  close(): void {
    this.#isClosed = true;
  }

  view(): ChannelView {
    const isPaused = this.#pausedUntil > this.#options.clock.now();
    return {
      name: this.#channel.name,
      failures: this.#failures,
      fault: this.#fault,
      sentAt: this.#sentAt,
      pausedUntil: isPaused ? (this.#pausedUntil as UnixMs) : null,
    };
  }

  async #work(): Promise<void> {
    try {
      while (!this.#isClosed && (await this.#sendDirect()) && (await this.#sendNext()));
    } catch (error) {
      // The store is away, or a bug: neither may end the lane, nor turn it into a wheel.
      this.#pausedUntil = this.#options.clock.now() + firstPauseMs;
      this.#options.log.warn({ channel: this.#channel.name, fault: toFault(error) }, 'alert.lane_failed');
    }
  }

  /** False when the channel is not to be asked again at once. */
  async #sendDirect(): Promise<boolean> {
    for (let notice = this.#direct[0]; notice !== undefined; notice = this.#direct[0]) {
      const fault = await this.#try(notice);
      if (fault === null || fault.class === 'terminal') this.#direct.shift();
      else return false;
    }
    return true;
  }

  /** False when there is nothing to send, or the channel is not to be asked again at once. */
  async #sendNext(): Promise<boolean> {
    const { ledger, clock } = this.#options;
    const entry = ledger.next(this.#channel.name);
    if (entry === undefined) return false;
    const owed = this.#owed.get(entry.id);
    if (owed !== undefined) return this.#finish(entry, owed);
    if (clock.now() - entry.createdAt > expiryMs) return this.#finish(entry, 'expired');
    const fault = await this.#try(JSON.parse(entry.body) as Notice);
    if (fault === null) return this.#finish(entry, 'sent');
    if (fault.class === 'terminal') return this.#finish(entry, 'refused', fault);
    ledger.countAttempt(entry.id, fault);
    return false;
  }

  #finish(entry: NoticeRecord, status: Exclude<NoticeStatus, 'queued'>, fault?: Fault): true {
    const { ledger, clock, log } = this.#options;
    this.#owed.set(entry.id, status);
    ledger.finish(entry.id, status, clock.now(), fault);
    this.#owed.delete(entry.id);
    const about = { channel: this.#channel.name, id: entry.id };
    if (status !== 'sent') log.warn({ ...about, fault: fault ?? entry.fault }, `alert.${status}`);
    return true;
  }

  /** Null when it was taken. */
  async #try(notice: Notice): Promise<Fault | null> {
    const { clock, log } = this.#options;
    try {
      const limit = AbortSignal.any([this.#stopped, AbortSignal.timeout(sendLimitMs)]);
      await this.#channel.send(notice, limit);
    } catch (error) {
      const fault = toFault(error);
      // A message that is refused says nothing against the channel.
      if (fault.class !== 'terminal') this.#hold(fault, error);
      log.warn({ channel: this.#channel.name, fault }, 'alert.not_taken');
      return fault;
    }
    this.#failures = 0;
    this.#fault = null;
    this.#sentAt = clock.now();
    return null;
  }

  #hold(fault: Fault, error: unknown): void {
    const { clock, timeScale } = this.#options;
    this.#fault = fault;
    this.#failures += 1;
    const asked = error instanceof HybridError ? error.facts['retryAfterMs'] : undefined;
    const growing = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#failures - 1, 10));
    const pause = fault.class === 'operator' ? longestPauseMs : growing;
    const pauseMs = typeof asked === 'number' ? Math.max(asked * timeScale, firstPauseMs) : pause;
    this.#pausedUntil = clock.now() + pauseMs;
  }
}
