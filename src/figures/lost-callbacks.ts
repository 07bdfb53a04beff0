import {
  type CallbackBook,
  type EpochFigures,
  type NetworkNodeBooks,
  pocsOf,
  type VastBooks,
} from './books.ts';

/** The Network Node must have been able to take it for at least this long after the machine was told 2xx. */
const takingMsMin = 30_000;

/** Callbacks that a machine was told had arrived, and that the Network Node never accepted. */
export interface LostCallbacks {
  /** The Network Node would have taken them for 30 s of their window: the daemon's fault. */
  readonly lost: number;
  /** It could not have: nobody's fault here. */
  readonly undeliverable: number;
}

/** Compares what machines were told with what the Network Node accepted, from their own books. */
export function lostCallbacks(vast: VastBooks, node: NetworkNodeBooks): LostCallbacks {
  const accepted = new Set(node.callbacks.accepted.map((entry) => `${entry.pocStartHeight} ${entry.hash}`));
  const missing = vast.machines
    .flatMap(pocsOf)
    .flatMap((poc) => poc.callbacks.map((callback) => ({ pocStartHeight: poc.blockHeight, callback })))
    .filter(({ callback }) => callback.ackedAt !== null)
    .filter(({ pocStartHeight, callback }) => !accepted.has(`${pocStartHeight} ${callback.looseHash}`));
  const windows = windowsByHeight(node);
  const lost = missing.filter(({ pocStartHeight, callback }) => {
    const poc = windows.get(pocStartHeight);
    return poc !== undefined && takingMs(callback, poc, node) >= takingMsMin;
  });
  return { lost: lost.length, undeliverable: missing.length - lost.length };
}

/** By the height that a PoC's callbacks carry. */
function windowsByHeight(node: NetworkNodeBooks): ReadonlyMap<number, EpochFigures['windows']> {
  return new Map([
    ...node.epochs.map(({ pocStartHeight, windows }) => [pocStartHeight, windows] as const),
    ...(node.confirmations ?? []).map(({ triggerHeight, windows }) => [triggerHeight, windows] as const),
  ]);
}

/** How long the Network Node would have taken this callback, from its 2xx to the end of its window. */
function takingMs(callback: CallbackBook, windows: EpochFigures['windows'], node: NetworkNodeBooks): number {
  const { openedAtMs, closedAtMs } = windows[callback.kind];
  const from = Math.max(callback.ackedAt ?? 0, openedAtMs ?? Number.POSITIVE_INFINITY);
  const to = closedAtMs ?? Number.POSITIVE_INFINITY;
  if (!(to > from)) return 0;
  const away = node.callbacks.outages.reduce((sum, outage) => {
    const overlap = Math.min(to, outage.toMs ?? to) - Math.max(from, outage.fromMs);
    return sum + Math.max(0, overlap);
  }, 0);
  return to - from - away;
}
