import type { EpochFigures, NetworkNodeBooks } from '../figures/books.ts';

/** One confirmation PoC in the Network Node's own books; a chain without them has none. */
export interface ConfirmationBook {
  /** Of the regular PoC whose weight it confirms. */
  readonly pocStartHeight: number;
  /** Our node was not among the preserved ones: it had to take part. */
  readonly isDue: boolean;
  /** Confirmed weight over the weight of the regular PoC; null while it is open. */
  readonly ratio: number | null;
}

/** Below this share of confirmed weight the epoch earns nothing (docs/reference/protocol.md "Confirmation PoC"). */
const ratioMin = 0.5;

/** Confirmation PoCs that were due and not served, and the epochs that earned nothing. */
export function confirmationFigures(
  node: Omit<NetworkNodeBooks, 'confirmations'> & { readonly confirmations?: readonly ConfirmationBook[] },
  judged: readonly EpochFigures[],
): { readonly epochsUnrewarded: number; readonly confirmationsMissed: number } {
  const due = (node.confirmations ?? []).filter(({ isDue, ratio }) => isDue && ratio !== null);
  const failed = due.filter(({ ratio }) => (ratio ?? 0) < ratioMin);
  const unconfirmed = new Set(failed.map(({ pocStartHeight }) => pocStartHeight));
  const unrewarded = judged.filter(
    ({ verdict, pocStartHeight }) => verdict === 'missed' || unconfirmed.has(pocStartHeight),
  );
  return {
    epochsUnrewarded: unrewarded.length,
    confirmationsMissed: due.filter(({ ratio }) => ratio === 0).length,
  };
}
