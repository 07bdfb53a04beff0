import { type Signal, signal } from '@preact/signals';
import { ask } from './api.ts';
import type {
  AlertsAnswer,
  EpochsPage,
  InferenceAnswer,
  LeasesPage,
  MoneyAnswer,
  NoncesAnswer,
} from './model.ts';

export const alerts = signal<AlertsAnswer | null>(null);
export const epochs = signal<EpochsPage | null>(null);
export const leases = signal<LeasesPage | null>(null);
export const money = signal<MoneyAnswer | null>(null);
export const nonces = signal<NoncesAnswer | null>(null);
export const inference = signal<InferenceAnswer | null>(null);

interface Book {
  readonly path: string;
  readonly into: Signal<unknown>;
  /** Charts whose steps change it. */
  readonly charts: readonly string[];
  /** Milliseconds after which it is read again without a step. */
  readonly everyMs: number;
}

const books: readonly Book[] = [
  { path: '/v1/alerts', into: alerts, charts: [], everyMs: 5_000 },
  { path: '/v1/epochs?limit=12', into: epochs, charts: ['epoch', 'lease'], everyMs: 30_000 },
  { path: '/v1/leases?limit=20', into: leases, charts: ['lease', 'epoch'], everyMs: 10_000 },
  { path: '/v1/money', into: money, charts: ['lease', 'epoch'], everyMs: 10_000 },
  { path: '/v1/nonces', into: nonces, charts: ['service'], everyMs: 3_000 },
  { path: '/v1/inference', into: inference, charts: [], everyMs: 5_000 },
];

/** Steps come in flocks: a book is read once for one. */
const gatherMs = 400;
const due = new Map<Book, number>();

/** Reads every book that a step of that chart may have changed; `all` after a silence. */
export function refreshBooks(chart: string): void {
  for (const book of books) {
    if (chart === 'all' || book.charts.includes(chart)) readSoon(book, chart === 'all' ? 0 : gatherMs);
  }
}

function readSoon(book: Book, inMs: number): void {
  const at = performance.now() + inMs;
  const before = due.get(book);
  if (before !== undefined && before <= at) return;
  due.set(book, at);
  setTimeout(() => {
    if (due.get(book) !== at) return;
    void read(book);
  }, inMs);
}

async function read(book: Book): Promise<void> {
  due.delete(book);
  try {
    book.into.value = await ask(book.path);
  } catch {
    // Read again with the next step, or when its time comes.
  }
  readSoon(book, document.visibilityState === 'visible' ? book.everyMs : 6 * book.everyMs);
}
