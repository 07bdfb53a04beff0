import { isDeepStrictEqual } from 'node:util';
import { type AnyMachineSnapshot, createActor } from 'xstate';
import { HybridError } from '../errors.ts';
import type { Chart } from './interface.ts';
import type { IntentRecord, RowRecord } from './store.ts';

/** The persisted form of a snapshot. Throws when the context does not survive JSON at all. */
export function persistSnapshot(chart: Chart, snapshot: AnyMachineSnapshot): string {
  return JSON.stringify(chart.machine.getPersistedSnapshot(snapshot));
}

/**
 * A stored snapshot, ready for `transition()`. Throws SNAPSHOT_UNFIT when it means nothing, or something else, to this
 * chart: XState itself restores a state that gained substates into the first of them, and forgets an invoke whose
 * actor was renamed, both without a word.
 */
export function restoreSnapshot(
  chart: Chart,
  row: RowRecord,
  intents: Iterable<IntentRecord>,
): AnyMachineSnapshot {
  if (row.version > chart.version) {
    throw unfit(row, `was written by version ${row.version} of the chart, this is ${chart.version}`);
  }
  const persisted = parse(row);
  const actor = createActor(chart.machine, { snapshot: persisted as never });
  // Without an observer XState throws a failed restore from a timer, where nothing can catch it.
  actor.subscribe({ error: () => {} });
  const snapshot = actor.getSnapshot() as AnyMachineSnapshot;
  if (snapshot.status === 'error') throw unfit(row, String((snapshot as { error?: unknown }).error));
  if (!isDeepStrictEqual(snapshot.value, persisted.value)) {
    throw unfit(row, `state ${JSON.stringify(persisted.value)} became ${JSON.stringify(snapshot.value)}`);
  }
  for (const { src } of intents) {
    if (!(src in chart.machine.implementations.actors))
      throw unfit(row, `it waits for an unknown actor "${src}"`);
  }
  return snapshot;
}

/** State value and context of a stored snapshot, whether it fits or not. */
export function readSnapshot(row: RowRecord): { readonly value: unknown; readonly context: unknown } {
  try {
    const { value, context } = parse(row);
    return { value, context };
  } catch {
    return { value: null, context: null };
  }
}

function parse(row: RowRecord): { readonly value?: unknown; readonly context?: unknown } {
  try {
    const persisted: unknown = JSON.parse(row.snapshot);
    if (typeof persisted === 'object' && persisted !== null) return persisted;
  } catch {
    // Reported below, as anything else that is no snapshot.
  }
  throw unfit(row, 'is no JSON object');
}

function unfit(row: RowRecord, why: string): HybridError {
  const message = `the stored state of ${row.chart} ${row.id} ${why}`;
  return new HybridError({ code: 'SNAPSHOT_UNFIT', message, rowId: row.id, chart: row.chart });
}
