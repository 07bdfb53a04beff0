import { describe, expect, it, vi } from 'vitest';
import type { JournalEntry, RowEvent, RowView, Runtime } from '../../../src/runtime/interface.ts';
import { openLeases, releaseAll } from '../../../src/wiring/renting/release-all.ts';

/** Open lease rows that end when the test says so. */
class OpenRows {
  readonly sent: [string, RowEvent][] = [];
  readonly #open: Map<string, RowView>;
  readonly #ended = new Map<string, RowView>();
  readonly #listeners = new Set<(entry: JournalEntry) => void>();

  constructor(...ids: string[]) {
    this.#open = new Map(
      ids.map((id) => [`lease:${id}`, { id: `lease:${id}`, context: context(id) } as RowView]),
    );
  }
  get runtime(): Runtime {
    const part: Partial<Runtime> = {
      rows: ({ chart } = {}) => (chart === 'lease' ? [...this.#open.values()] : []),
      row: (rowId) => this.#open.get(rowId) ?? this.#ended.get(rowId),
      send: (rowId, event) => this.sent.push([rowId, event]) > 0,
      onStep: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
    return part as Runtime;
  }
  get listeners(): number {
    return this.#listeners.size;
  }
  end(id: string, instanceId: number | null = 7): void {
    this.#open.delete(`lease:${id}`);
    this.#ended.set(`lease:${id}`, { context: { ...context(id), instanceId } } as RowView);
    for (const listener of this.#listeners)
      listener({ chart: 'lease', rowId: `lease:${id}` } as JournalEntry);
  }
}
const context = (leaseId: string) => ({ leaseId, instanceId: 7, label: `ghm:d:${leaseId}:1`, ttlUntil: 9 });

const machine = (leaseId: string) => ({ leaseId, instanceId: 7, label: `ghm:d:${leaseId}:1` });

describe('a stop that returns every machine', () => {
  it('is over at once when there is none', async () => {
    const rows = new OpenRows();
    expect(await releaseAll(rows.runtime, 60_000)).toEqual({ left: [], returned: [] });
    expect(rows.listeners).toBe(0);
  });

  it('asks every lease to end and is over with the last of them', async () => {
    const rows = new OpenRows('A', 'B');
    const released = releaseAll(rows.runtime, 60_000);
    expect(rows.sent).toEqual(
      ['lease:A', 'lease:B'].map((id) => [id, { type: 'LEASE.RELEASE_ASKED', reason: 'the daemon stops' }]),
    );
    rows.end('A');
    expect(rows.listeners).toBe(1);
    rows.end('B');
    const [A, B] = ['A', 'B'].map(machine);
    expect(await released).toEqual({ left: [], returned: [A, B] });
    expect(rows.listeners).toBe(0);
  });

  it('names what is not proven gone when its time is over', async () => {
    vi.useFakeTimers();
    const rows = new OpenRows('A', 'B');
    const released = releaseAll(rows.runtime, 55_000);
    rows.end('A');
    await vi.advanceTimersByTimeAsync(55_000);
    vi.useRealTimers();
    expect(await released).toEqual({ left: [machine('B')], returned: [machine('A')] });
    expect(rows.listeners).toBe(0);
    expect(openLeases(rows.runtime).map(({ leaseId }) => leaseId)).toEqual(['B']);
  });

  it('does not count a lease that never came to a machine as one that was returned', async () => {
    const rows = new OpenRows('A', 'B');
    const released = releaseAll(rows.runtime, 60_000);
    rows.end('A', null);
    rows.end('B');
    expect(await released).toEqual({ left: [], returned: [machine('B')] });
  });
});
