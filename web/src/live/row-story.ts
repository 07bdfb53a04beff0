import { effect, signal } from '@preact/signals';
import { ask } from './api.ts';
import { connection, entries } from './link.ts';
import { type Entry, type JournalAnswer, statePath } from './model.ts';

/** A row that entered another state. */
export interface StateStep {
  readonly seq: number;
  readonly path: string;
  readonly at: number;
  readonly event: Entry['event'];
}

/** The states of one row in order, each with what led into it. */
export function statesPassed(journal: readonly Entry[], rowId: string): readonly StateStep[] {
  const steps: StateStep[] = [];
  for (const { seq, rowId: of, at, event, value } of journal) {
    if (of !== rowId) continue;
    const path = statePath(value);
    if (steps.at(-1)?.path !== path) steps.push({ seq, path, at, event });
  }
  return steps;
}

/** A plan that is worked out anew passes through its first states again within this, milliseconds. */
const replanMs = 5_000;

/** The same without the detours of a plan that was worked out anew: who reads wants to know how it goes. */
export function withoutReplanning(steps: readonly StateStep[]): readonly StateStep[] {
  const told: StateStep[] = [];
  for (const [place, step] of steps.entries()) {
    const [before, next] = [told.at(-1), steps[place + 1]];
    const isDetour = step.event.type === 'PLAN.CHANGED' && next?.path === before?.path;
    if (isDetour && next !== undefined && next.at - step.at < replanMs) continue;
    if (step.path !== before?.path) told.push(step);
  }
  return told;
}

/** Journals of rows as far as they were asked for; what comes later is in `entries`. */
const asked = signal<ReadonlyMap<string, readonly Entry[]>>(new Map());
const rowsMax = 40;
const limit = 500;

/** After a silence everything is asked for again: the daemon may be another one. */
effect(() => {
  if (connection.value === 'lost') asked.value = new Map();
});

/** The states of a row as far as the daemon remembers them; asks for the past when it is not known yet. */
export function rowStory(rowId: string): readonly StateStep[] {
  const past = asked.value.get(rowId);
  if (past === undefined) queueMicrotask(() => void load(rowId));
  const last = past?.at(-1)?.seq ?? 0;
  const live = entries.value.filter((entry) => entry.rowId === rowId && entry.seq > last);
  return statesPassed([...(past ?? []), ...live], rowId);
}

async function load(rowId: string): Promise<void> {
  if (asked.peek().has(rowId)) return;
  keep(rowId, []);
  try {
    const page = await ask<JournalAnswer>(`/v1/journal?row=${encodeURIComponent(rowId)}&limit=${limit}`);
    keep(rowId, page.entries);
  } catch {
    // What came over the stream is shown all the same.
  }
}

function keep(rowId: string, journal: readonly Entry[]): void {
  asked.value = new Map([...[...asked.peek()].slice(-rowsMax), [rowId, journal]]);
}
