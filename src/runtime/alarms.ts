import type { UnixMs } from '../units.ts';
import type { Clock } from './clock.ts';
import type { DeadlineRecord, TimerRecord } from './store.ts';

/** What waits for a time of day: a timer, or the ceiling of a height deadline. */
export type Alarm =
  | { readonly kind: 'timer'; readonly record: TimerRecord }
  | { readonly kind: 'ceiling'; readonly record: DeadlineRecord };

interface Armed {
  readonly alarm: Alarm;
  handle: unknown;
  hasRung: boolean;
}

/**
 * Clock timers for the absolute times in the store. One that rang stays known until its record goes, so that it does
 * not ring again while its step is under way, or parked. What is due at the same moment rings in the order of due
 * times, rows and names, not of arming: so a restart changes no order.
 */
export class Alarms {
  readonly #clock: Clock;
  readonly #ring: (alarm: Alarm) => void;
  readonly #armed = new Map<string, Map<TimerRecord | DeadlineRecord, Armed>>();

  constructor(clock: Clock, ring: (alarm: Alarm) => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Makes the armed timers of a row those of its records. A record is one arming; one armed anew is another. */
  match(rowId: string, timers: Iterable<TimerRecord>, deadlines: Iterable<DeadlineRecord>): void {
    const wanted = new Map<TimerRecord | DeadlineRecord, Alarm>();
    for (const record of timers) wanted.set(record, { kind: 'timer', record });
    for (const record of deadlines) wanted.set(record, { kind: 'ceiling', record });
    const armed = this.#armed.get(rowId) ?? new Map<TimerRecord | DeadlineRecord, Armed>();
    for (const [record, { handle }] of armed) {
      if (wanted.has(record)) continue;
      this.#clock.clearTimeout(handle);
      armed.delete(record);
    }
    for (const [record, alarm] of wanted) if (!armed.has(record)) armed.set(record, this.#arm(alarm));
    if (armed.size > 0) this.#armed.set(rowId, armed);
    else this.#armed.delete(rowId);
  }

  /** Rings whatever is due and has not rung. */
  ringDue(): void {
    const now = this.#clock.now();
    this.#ringThose((due) => due <= now);
  }

  #ringThose(isMeant: (dueAt: UnixMs) => boolean): void {
    const due = [...this.#armed.values()]
      .flatMap((ofRow) => [...ofRow.values()])
      .filter(({ alarm, hasRung }) => !hasRung && isMeant(dueAt(alarm)));
    for (const armed of due.toSorted((a, b) => order(a.alarm, b.alarm))) {
      this.#clock.clearTimeout(armed.handle);
      armed.handle = undefined;
      armed.hasRung = true;
      this.#ring(armed.alarm);
    }
  }

  stop(): void {
    for (const armed of this.#armed.values()) {
      for (const { handle } of armed.values()) this.#clock.clearTimeout(handle);
    }
    this.#armed.clear();
  }

  #arm(alarm: Alarm): Armed {
    const armed: Armed = { alarm, handle: undefined, hasRung: false };
    const wait = (): void => {
      const { rowId, id } = alarm.record;
      const leftMs = Math.max(0, dueAt(alarm) - this.#clock.now());
      armed.handle = this.#clock.setTimeout(expire, leftMs, `${rowId} ${id}`);
    };
    const expire = (): void => {
      armed.handle = undefined;
      // Some clocks ring a little early; a deadline is never early.
      if (this.#clock.now() < dueAt(alarm)) wait();
      // What is due at any other moment has a timer of its own.
      else this.#ringThose((due) => due === dueAt(alarm));
    };
    wait();
    return armed;
  }
}

const dueAt = (alarm: Alarm): UnixMs =>
  alarm.kind === 'timer' ? alarm.record.dueAt : alarm.record.ceilingAt;

function order(a: Alarm, b: Alarm): number {
  const first = dueAt(a) - dueAt(b);
  if (first !== 0) return first;
  const [nameOfA, nameOfB] = [a, b].map(({ kind, record }) =>
    JSON.stringify([record.rowId, kind, record.id]),
  );
  return (nameOfA ?? '') < (nameOfB ?? '') ? -1 : 1;
}
