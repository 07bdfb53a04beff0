import type { StatementSync } from 'node:sqlite';
import { inTransaction } from '../runtime/sqlite-database.ts';
import type { SqliteStore } from '../runtime/sqlite-store.ts';
import { FaultBoard, type FaultDescription } from '../world/neighbour.ts';

/** What can go wrong at home, on the operator's own computer and on the line from it to the machines. */
export const homeFaults: readonly FaultDescription[] = [
  { name: 'diskFull', sentence: 'While on, no commit succeeds: the disk is full.' },
  { name: 'storeBusy', sentence: 'The next n commits find the store held by another connection.' },
  {
    name: 'clockSteps',
    sentence:
      'The computer restarts, and from then on its wall clock is so many milliseconds ahead, until it is set again.',
  },
  {
    name: 'clockStepsBack',
    sentence: 'The same, so many milliseconds behind.',
  },
  {
    name: 'flapsInCallback',
    sentence:
      'The tunnel breaks in the middle of the next n callbacks: taken, and the machine hears nothing.',
  },
];

export class HomeFaultBoard extends FaultBoard {
  readonly #onChange: (name: string, value: number) => void;
  constructor(onChange: (name: string, value: number) => void) {
    super(homeFaults);
    this.#onChange = onChange;
  }
  override set(name: string, value: number): void {
    super.set(name, value);
    this.#onChange(name, value);
  }
}

/** SQLite's codes (docs/reference/errors.md STORE_BROKEN). */
const codes = { busy: 5, full: 13 };

/** So far a clock that is set wrong is from true time; 0 = nobody sets it. */
export const clockStepMs = (name: string, value: number): number =>
  name === 'clockSteps' ? value : name === 'clockStepsBack' ? -value : 0;

/** The store on that computer, and the database under it: what is wrong there now shows in every commit. */
export function storeAtHome(store: SqliteStore, home: FaultBoard): SqliteStore {
  const failing = (): number | undefined => {
    if (home.get('diskFull') > 0) return codes.full;
    return home.take('storeBusy') ? codes.busy : undefined;
  };
  const real = store.database;
  const begin = real.prepare('BEGIN IMMEDIATE');
  const failingBegin = {
    run: (): unknown => {
      const errcode = failing();
      if (errcode === undefined) return begin.run();
      throw Object.assign(new Error('the disk at home'), { code: 'ERR_SQLITE_ERROR', errcode });
    },
  } as StatementSync;
  // The daemons that live here one after the other ask the same things: a statement is prepared for all of them.
  const prepared = new Map([['BEGIN IMMEDIATE', failingBegin]]);
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql) ?? real.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  const bound = new Map<string | symbol, unknown>([['prepare', prepare]]);
  const database = new Proxy(real, {
    get: (_, name) => {
      const known = bound.get(name);
      if (known !== undefined) return known;
      const member: unknown = Reflect.get(real, name, real);
      if (typeof member !== 'function') return member;
      const method: unknown = member.bind(real);
      bound.set(name, method);
      return method;
    },
  });
  // The store's own transactions as they are everywhere else, on the database that may fail.
  return { ...store, database, transaction: (work) => inTransaction(database, work) };
}
