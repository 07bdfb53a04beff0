import type {
  AlertsAnswer,
  EpochsPage,
  EpochStory,
  EpochSummary,
  InferenceAnswer,
  JournalAnswer,
  LeasesPage,
  LeaseSummary,
  MoneyAnswer,
  NoncesAnswer,
} from '../../../src/server/inspection/book-answers.ts';

export type {
  AlertsAnswer,
  EpochsPage,
  EpochStory,
  EpochSummary,
  InferenceAnswer,
  JournalAnswer,
  LeasesPage,
  LeaseSummary,
  MoneyAnswer,
  NoncesAnswer,
};

/** One line of the journal. */
export interface Entry {
  readonly seq: number;
  readonly rowId: string;
  readonly chart: string;
  readonly at: number;
  readonly event: { readonly type: string; readonly [field: string]: unknown };
  readonly value: unknown;
}

export interface Row {
  readonly id: string;
  readonly chart: string;
  readonly value: unknown;
  readonly context: unknown;
  readonly status: 'active' | 'done' | 'parked';
  readonly updatedAt: number;
}

/** Heights of one PoC, as the daemon plans it. */
export interface Plan {
  readonly epochIndex: number;
  readonly mode: string;
  readonly approachHeight: number;
  readonly rentHeight: number;
  readonly launchHeights?: readonly number[];
  readonly width?: number;
  readonly pocStartHeight: number;
  readonly tooLateHeight: number;
  readonly generationEndHeight: number;
  readonly exchangeEndHeight: number;
  readonly validationEndHeight: number;
  readonly holdUntilHeight: number;
  readonly blockTimeMs: number;
}

export interface Step {
  readonly epochIndex: number;
  readonly key: string;
  readonly what: string;
  readonly height: number;
  readonly blocksLeft: number;
  readonly aboutAt: number;
  readonly spreadMs: number;
}

export interface Timer {
  readonly rowId: string;
  readonly event: string;
  readonly state: string;
  readonly dueAt: number;
}

export interface Chain {
  readonly standing: string;
  readonly height: number;
  readonly phase: string;
  readonly latestEpochIndex: number;
  readonly blockTimeMs: number;
  readonly seenAt: number;
}

export interface BackEndView {
  readonly name: string;
  readonly model: string;
  readonly breaker: string;
  readonly isModelServed: boolean;
  readonly fault: { readonly code: string; readonly message: string } | null;
}

/** `GET /v1/state`, as far as the page reads it. */
export interface State {
  readonly daemon: {
    readonly now: number;
    readonly timeScale: number;
    readonly version: string;
    readonly nodeId: string;
    readonly startedAt: number;
  };
  readonly chain: Chain | null;
  readonly plan: {
    readonly nextPocEpoch: number;
    readonly steps: readonly Step[];
    readonly timers: readonly Timer[];
  } | null;
  readonly relay: {
    readonly queued: number;
    readonly delivered: number;
    readonly refused: number;
    readonly expired: number;
    readonly foreign: number;
  };
  readonly upstream: {
    readonly name: string;
    readonly model: string;
    readonly isModelServed: boolean;
    readonly backEnds?: readonly BackEndView[];
    readonly requests: number;
    readonly failed: number;
    readonly streamed: number;
    readonly cancelled: number;
    readonly refused: number;
  };
  readonly service: { readonly state: string };
  readonly machines: readonly Row[];
}

/** `{ pow: 'generating' }` as `pow.generating`. */
export function statePath(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, inner]) => (statePath(inner) === '' ? name : `${name}.${statePath(inner)}`))
    .join(' ');
}
