import type { DatabaseSync } from 'node:sqlite';
import type { HybridError } from '../../src/errors.ts';
import type { EffectCall } from '../../src/runtime/interface.ts';

/** States in which a lease may be once its release was asked: those in which money is in flight, and its end. */
const statesAfterRelease = ['creating', 'lookingUp', 'releasing', 'confirmingGone', 'gone'];
const waysOutOfHeld = ['LEASE.RELEASE_ASKED', 'xstate.error.actor.watchMachine'];
const moneyActors = ['createInstance', 'destroyInstance'];

type Row = Record<string, string | number | null>;

/**
 * What must hold of the committed rows after every step, whatever the steps were (design invariants I1 to I6 as far as
 * a lease can break them). It reads through a connection of its own, so it sees only what survived a crash.
 */
export class RowInvariants {
  readonly #read: (sql: string, ...values: string[]) => Row[];
  readonly #broken: string[] = [];
  /** Rows whose machine may exist at the provider, by what the provider answered so far. */
  readonly #mayExist = new Set<string>();
  readonly #createsSent = new Map<string, number>();
  readonly #releaseAsked = new Set<string>();
  readonly #states = new Map<string, string>();
  #seq = 0;

  constructor(reader: DatabaseSync) {
    this.#read = (sql, ...values) => reader.prepare(sql).all(...values) as Row[];
  }

  broken(what: string): void {
    this.#broken.push(what);
  }

  mayExist(rowId: string): boolean {
    return this.#mayExist.has(rowId);
  }

  /** An effect begins: what it does at the provider must have been committed before. */
  noteStart(call: EffectCall, actor: string): void {
    const open = this.#read('SELECT src FROM intent WHERE id = ?', call.intentId);
    if (open.length !== 1) this.broken(`${actor} runs without its intent ${call.intentId}`);
    if (actor !== 'createInstance') return;
    const { rowId } = call;
    const label = (call.input as { label: string }).label;
    const sent = (this.#createsSent.get(label) ?? 0) + 1;
    this.#createsSent.set(label, sent);
    if (sent > 1) this.broken(`label ${label} is created ${sent} times`);
    if (this.#read('SELECT id FROM row WHERE id = ?', rowId).length !== 1) {
      this.broken(`${rowId} creates a machine before its row is committed`);
    }
    const kept = this.#read(
      'SELECT label, reserved FROM lease JOIN reservation USING (row_id) WHERE row_id = ?',
      rowId,
    );
    if (kept[0]?.['label'] !== label || !(Number(kept[0]?.['reserved']) > 0)) {
      this.broken(`${rowId} creates a machine before its label and reservation are committed`);
    }
    this.#mayExist.add(rowId);
  }

  noteAnswer({ rowId }: EffectCall, actor: string, output: unknown): void {
    const answer = output as { instanceId?: number | null; isGone?: boolean } | null;
    const isShownAbsent = actor === 'confirmAbsence' && answer?.isGone === true;
    if (isShownAbsent || (actor === 'lookUpLabel' && answer?.instanceId === null))
      this.#mayExist.delete(rowId);
  }

  noteFailure({ rowId }: EffectCall, actor: string, error: HybridError): void {
    if (actor === 'createInstance' && error.class !== 'unknown-outcome') this.#mayExist.delete(rowId);
  }

  /** Throws with everything that is broken. */
  check(): void {
    this.#followJournal();
    for (const row of this.#read(`SELECT id, status, snapshot FROM row WHERE chart = 'lease'`))
      this.#checkLease(row);
    const money = moneyActors.map((actor) => `'${actor}'`).join();
    const doubled = `SELECT row_id FROM intent WHERE src IN (${money}) GROUP BY row_id HAVING count(*) > 1`;
    for (const row of this.#read(doubled)) this.broken(`${row['row_id']} moves money twice at once`);
    for (const row of this.#read('SELECT row_id, event, fault FROM parked')) {
      this.broken(`${row['row_id']} parked ${row['event']}: ${row['fault']}`);
    }
    for (const row of this.#read('SELECT to_row FROM inbox'))
      this.broken(`${row['to_row']} left a message unread`);
    if (this.#broken.length > 0) throw new Error(`broken: ${this.#broken.join('; ')}`);
  }

  #followJournal(): void {
    for (const entry of this.#read(`SELECT * FROM journal WHERE seq > ${this.#seq} ORDER BY seq`)) {
      this.#seq = Number(entry['seq']);
      const { type } = JSON.parse(String(entry['event'])) as { type: string };
      if (entry['chart'] !== 'lease' || type.startsWith('runtime.')) continue;
      const rowId = String(entry['row_id']);
      const state = topState(JSON.parse(String(entry['value'])));
      const before = this.#states.get(rowId);
      if (type === 'LEASE.RELEASE_ASKED') this.#releaseAsked.add(rowId);
      if (before === 'held' && state !== 'held' && !waysOutOfHeld.includes(type)) {
        this.broken(`${rowId} left held by ${type}`);
      }
      if (this.#releaseAsked.has(rowId) && !statesAfterRelease.includes(state)) {
        this.broken(`${rowId} is ${state} after its release was asked`);
      }
      this.#states.set(rowId, state);
    }
  }

  #checkLease(row: Row): void {
    const id = String(row['id']);
    const { context } = JSON.parse(String(row['snapshot'])) as { context: { instanceId: number | null } };
    const kept = this.#read('SELECT * FROM lease JOIN reservation USING (row_id) WHERE row_id = ?', id)[0];
    if (kept === undefined) return this.broken(`${id} has no money rows`);
    if (kept['instance_id'] !== context.instanceId) {
      this.broken(`${id} holds instance ${context.instanceId}, its column says ${kept['instance_id']}`);
    }
    const intents = this.#read('SELECT id FROM intent WHERE row_id = ?', id).length;
    const timers = this.#read('SELECT id FROM timer WHERE row_id = ?', id).length;
    if (row['status'] === 'done') {
      if (this.#mayExist.has(id)) this.broken(`${id} is gone, its machine may still exist`);
      if (kept['is_gone'] !== 1 || kept['settled'] === null) this.broken(`${id} is gone and not settled`);
      if (intents + timers > 0) this.broken(`${id} is gone and still works`);
      return;
    }
    if (row['status'] !== 'active') this.broken(`${id} is ${row['status']}`);
    if (kept['is_gone'] === 1 || kept['settled'] !== null) this.broken(`${id} is settled and not gone`);
    if (intents + timers === 0) this.broken(`${id} waits for nothing`);
  }
}

const topState = (value: unknown): string =>
  typeof value === 'string' ? value : (Object.keys(value as object)[0] ?? '');
