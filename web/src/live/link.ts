import { batch, computed, signal } from '@preact/signals';
import { ask, Refused, token } from './api.ts';
import { refreshBooks } from './books.ts';
import { noteTime } from './clock.ts';
import { readEvents } from './event-reader.ts';
import type { Entry, JournalAnswer, State } from './model.ts';

export type Connection = 'connecting' | 'live' | 'lost' | 'locked';

/** Entries of the journal kept for the page; rows that look further back ask for more. */
const entriesMax = 1_000;
const firstPage = 200;
/** The daemon sends a sign of life every 15 s. */
const silenceMs = 40_000;
const pausesMs = [300, 600, 1_200, 2_500, 5_000] as const;
const pollMs = { seen: 2_000, hidden: 15_000 } as const;
/** Between two looks that steps of the journal cause. */
const lookPauseMs = 300;

export const connection = signal<Connection>('connecting');
export const state = signal<State | null>(null);
export const entries = signal<readonly Entry[]>([]);
/** Since when the daemon is not heard, milliseconds of this browser. */
export const lostAt = signal<number | null>(null);

export const lastSeq = computed(() => entries.value.at(-1)?.seq ?? null);

let running = new AbortController();
let lookTimer: number | undefined;

/** Follows the daemon until the page is left; again from the start when a token is given. */
export function follow(): void {
  running.abort();
  running = new AbortController();
  connection.value = 'connecting';
  void stayConnected(running.signal);
  void poll(running.signal);
}

token.subscribe(() => {
  if (connection.peek() === 'locked') follow();
});

async function stayConnected(signal: AbortSignal): Promise<void> {
  let misses = 0;
  while (!signal.aborted && connection.peek() !== 'locked') {
    try {
      if (lastSeq.peek() === null) await firstEntries();
      await readOn(signal, () => {
        misses = 0;
      });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused && error.status === 401) {
        connection.value = 'locked';
        return;
      }
    }
    if (signal.aborted) return;
    batch(() => {
      if (connection.peek() === 'live') lostAt.value = Date.now();
      if (connection.peek() !== 'connecting' || misses > 1) connection.value = 'lost';
    });
    await pause(pausesMs[Math.min(misses, pausesMs.length - 1)] ?? 5_000);
    misses += 1;
  }
}

async function firstEntries(): Promise<void> {
  const page = await ask<JournalAnswer>(`/v1/journal?limit=${firstPage}`);
  entries.value = page.entries;
}

/** From behind the last entry on: what happened while nobody listened comes first. */
async function readOn(signal: AbortSignal, onUp: () => void): Promise<void> {
  const silence = new AbortController();
  let timer = 0;
  const onSign = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => silence.abort(), silenceMs);
    if (connection.peek() === 'live') return;
    onUp();
    batch(() => {
      connection.value = 'live';
      lostAt.value = null;
    });
    void look();
    refreshBooks('all');
  };
  try {
    const after = lastSeq.peek();
    await readEvents(
      '/v1/events',
      after === null ? '0' : `${after}`,
      AbortSignal.any([signal, silence.signal]),
      {
        onSign,
        onEvent: ({ data }) => take(JSON.parse(data) as Entry),
      },
    );
  } finally {
    clearTimeout(timer);
  }
}

function take(entry: Entry): void {
  if (entry.seq <= (lastSeq.peek() ?? 0)) return;
  entries.value = [...entries.peek(), entry].slice(-entriesMax);
  refreshBooks(entry.chart);
  lookTimer ??= window.setTimeout(() => {
    lookTimer = undefined;
    void look();
  }, lookPauseMs);
}

async function poll(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await look();
    await pause(document.visibilityState === 'visible' ? pollMs.seen : pollMs.hidden);
  }
}

async function look(): Promise<void> {
  if (connection.peek() === 'locked') return;
  try {
    const seen = await ask<State>('/v1/state');
    batch(() => {
      noteTime(seen);
      state.value = seen;
    });
  } catch {
    // The stream tells whether the daemon is there.
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
