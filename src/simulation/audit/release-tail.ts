/** A destroy and its proof may take so long; part of every reservation (invariant I5). */
export const releaseTailMs = 15 * 60_000;
