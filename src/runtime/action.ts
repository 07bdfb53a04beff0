import type {
  Alert,
  HeightDeadline,
  LeaseColumns,
  Opening,
  Reservation,
  Telling,
  WriteName,
} from '../machines/writes.ts';
import type { UnixMs } from '../units.ts';
import type { Effects, RowEvent } from './interface.ts';
import { plain } from './plain.ts';
import type { RowWrite } from './row-write.ts';
import type { IntentRecord } from './store.ts';

/** An action as XState's pure `transition()` hands it out. */
export interface ExecutableAction {
  readonly type: string;
  readonly params: unknown;
}

/** One row's step while its actions are turned into writes. */
export interface Scribe {
  readonly row: { readonly id: string; readonly chart: string; readonly rowSeq: number };
  readonly moneyActors: readonly string[];
  readonly effects: Effects;
  readonly now: UnixMs;
  readonly writes: RowWrite[];
  readonly openings: Opening[];
  /** Open intents, kept in step with `writes`. */
  readonly intents: Map<string, IntentRecord>;
}

/** Notes what one action writes. Throws for every action that could get lost, or happen twice, in a crash. */
export function takeAction(scribe: Scribe, action: ExecutableAction): void {
  if (action.type in builtIn) builtIn[action.type as BuiltIn](scribe, action.params as never);
  else if (action.type in custom) custom[action.type as WriteName](scribe, plain(action.params) as never);
  else throw new Error(`chart ${scribe.row.chart} does "${action.type}", which cannot be made crash-safe`);
}

/** XState's own actions (5.33.3); a `raise` without delay was handled inside the transition. */
const builtIn = {
  'xstate.spawnChild': (
    scribe: Scribe,
    { id, src, input }: { id?: string; src: unknown; input?: unknown },
  ): void => {
    if (id === undefined || typeof src !== 'string')
      throw new Error(`chart ${scribe.row.chart} spawns an unnamed actor`);
    if (!Object.hasOwn(scribe.effects, src))
      throw new Error(`chart ${scribe.row.chart} has no effect "${src}"`);
    const intentId = `${scribe.row.id}:${scribe.row.rowSeq}:${id}`;
    const intent = { id: intentId, rowId: scribe.row.id, actorId: id, src, input: plain(input) };
    scribe.intents.set(intent.id, intent);
    scribe.writes.push({ kind: 'openIntent', intent });
  },
  'xstate.stopChild': (scribe: Scribe, child: { id?: string } | string | undefined): void => {
    const actorId = typeof child === 'string' ? child : child?.id;
    for (const intent of scribe.intents.values()) {
      if (intent.actorId === actorId) leave(scribe, intent);
    }
  },
  'xstate.raise': (scribe: Scribe, params: { event: RowEvent; id?: string; delay?: number }): void => {
    if (params.delay === undefined) return;
    // Without an id nothing can cancel it; with one of its own it is not taken for another.
    const id = params.id ?? `${params.event.type}#${scribe.row.rowSeq}.${scribe.writes.length}`;
    const dueAt = (scribe.now + finite(params.delay, 'delay')) as UnixMs;
    const event = plain(params.event) as RowEvent;
    scribe.writes.push({ kind: 'armTimer', timer: { rowId: scribe.row.id, id, dueAt, event } });
  },
  'xstate.cancel': (scribe: Scribe, { sendId }: { sendId: string }): void => {
    scribe.writes.push({ kind: 'dropTimer', id: sendId });
  },
};
type BuiltIn = keyof typeof builtIn;

/** The writes of src/machines/writes.ts. */
const custom = {
  tell: (scribe: Scribe, { to, event }: Telling): void => {
    scribe.writes.push({ kind: 'tell', to: named(to, 'tell.to'), event });
  },
  open: (scribe: Scribe, opening: Opening): void => {
    named(opening.id, 'open.id');
    scribe.openings.push(opening);
  },
  armHeight: (scribe: Scribe, { id, height, event, ceilingMs }: HeightDeadline): void => {
    finite(height, 'armHeight.height');
    const ceilingAt = (scribe.now + finite(ceilingMs, 'armHeight.ceilingMs')) as UnixMs;
    const deadline = { rowId: scribe.row.id, id: named(id, 'armHeight.id'), height, ceilingAt, event };
    scribe.writes.push({ kind: 'armHeight', deadline });
  },
  disarmHeight: (scribe: Scribe, { id }: { id: string }): void => {
    scribe.writes.push({ kind: 'dropHeight', id: named(id, 'disarmHeight.id') });
  },
  keepLease: (scribe: Scribe, columns: LeaseColumns): void => {
    scribe.writes.push({ kind: 'keepLease', columns });
  },
  reserve: (scribe: Scribe, { amount }: Reservation): void => {
    scribe.writes.push({ kind: 'reserve', amount });
  },
  settle: (scribe: Scribe, { amount }: Reservation): void => {
    scribe.writes.push({ kind: 'settle', amount });
  },
  raiseAlert: (scribe: Scribe, alert: Alert): void => {
    scribe.writes.push({ kind: 'raiseAlert', alert });
  },
  clearAlert: (scribe: Scribe, { key }: { key: string }): void => {
    scribe.writes.push({ kind: 'clearAlert', key: named(key, 'clearAlert.key') });
  },
} satisfies Record<WriteName, (scribe: Scribe, params: never) => void>;

function leave(scribe: Scribe, intent: IntentRecord): void {
  if (scribe.moneyActors.includes(intent.src)) {
    throw new Error(
      `chart ${scribe.row.chart} leaves "${intent.src}" before its outcome, and it moves money`,
    );
  }
  scribe.intents.delete(intent.id);
  scribe.writes.push({ kind: 'closeIntent', intentId: intent.id });
}

function named(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${what} is no name`);
  return value;
}

function finite(value: number, what: string): number {
  if (!Number.isFinite(value)) throw new TypeError(`${what} is ${value}`);
  return value;
}
