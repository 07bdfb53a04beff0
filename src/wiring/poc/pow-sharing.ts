import type { PowShare, PowSharing } from '../../machines/running-pow.ts';
import { hasClass, noClass, type NonceClass, roundsOf, shareNonces } from '../../policy/nonce-partition.ts';

export type InitCall = 'init' | 'init/generate' | 'init/validate';

export interface SharingTerms {
  readonly call: InitCall;
  readonly initBody: string;
  /** `node_id` and `node_count` as the Network Node gave them. */
  readonly whole: NonceClass;
  /** Machines that are held, the first to be taken first. */
  readonly held: readonly string[];
  /** `GPU_FLEET_WIDTH`. */
  readonly width: number;
  /** How the last PoC was shared. */
  readonly before: PowSharing | null;
}

/** Everybody who ever had a share of this PoC, and who of them takes part now. */
export interface SharedOut {
  readonly sharing: PowSharing;
  readonly taking: readonly PowShare[];
}

/**
 * Who takes part in an init call, and with which share. The machines that are there at the first one share the class
 * of the node; who has a share keeps it, and it is never given to another (invariant I10). Machines that come later
 * only validate. When nobody is left who has a share, those that are there begin a round of their own.
 */
export function shareOut(terms: SharingTerms): SharedOut {
  const shares = terms.before?.initBody === terms.initBody ? terms.before.shares : [];
  const mine = shares.filter(({ leaseId }) => terms.held.includes(leaseId));
  const given = terms.call === 'init/validate' ? joined(terms, shares, mine) : shared(terms, shares, mine);
  const isTaking = (share: PowShare): boolean =>
    terms.held.includes(share.leaseId) && (terms.call === 'init/validate' || !isLate(share, given));
  return {
    sharing: { initBody: terms.initBody, shares: given },
    taking: given.filter(isTaking),
  };
}

function shared(
  terms: SharingTerms,
  shares: readonly PowShare[],
  mine: readonly PowShare[],
): readonly PowShare[] {
  if (mine.some(hasClass)) return shares;
  const { whole, held, width } = terms;
  // Those that were only to validate come first, so that there are never more than the width.
  const known = mine.map(({ leaseId }) => leaseId);
  const leaseIds = [...known, ...held.filter((leaseId) => !known.includes(leaseId))].slice(0, width);
  // A call without numbers has nothing to share: each machine gets it as it is.
  const classes = hasClass(whole)
    ? leaseIds.length === 0
      ? []
      : shareNonces(whole, leaseIds.length, roundsOf(whole, shares))
    : leaseIds.map(() => whole);
  const fresh = classes.flatMap((own, k) => {
    const leaseId = leaseIds[k];
    return leaseId === undefined ? [] : [{ leaseId, ...own }];
  });
  return [...shares.filter(({ leaseId }) => !leaseIds.includes(leaseId)), ...fresh];
}

/** Validation needs no class: whoever comes late may help, and gets none. */
function joined(
  terms: SharingTerms,
  shares: readonly PowShare[],
  mine: readonly PowShare[],
): readonly PowShare[] {
  if (shares.length === 0) return shared(terms, shares, mine);
  const late = terms.held
    .filter((leaseId) => !shares.some((share) => share.leaseId === leaseId))
    .slice(0, Math.max(0, terms.width - mine.length));
  return late.length === 0 ? shares : [...shares, ...late.map((leaseId) => ({ leaseId, ...noClass }))];
}

/** It was given no class although there are some. */
const isLate = (share: PowShare, shares: readonly PowShare[]): boolean =>
  !hasClass(share) && shares.some(hasClass);
