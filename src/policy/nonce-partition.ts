/**
 * The nonces of one ML node: `nodeId`, `nodeId + nodeCount`, `nodeId + 2·nodeCount` … GPU groups inside a machine
 * divide them further by the same rule (docs/reference/protocol.md "Partition of nonces").
 */
export interface NonceClass {
  readonly nodeId: number;
  readonly nodeCount: number;
}

/**
 * Numbers of a machine that only validates. The ML node takes them for `init/validate`, and refuses to generate with
 * them (docs/reference/protocol.md "PoC v1 endpoints"), so such a machine can never do a share that is another's.
 */
export const noClass: NonceClass = { nodeId: -1, nodeCount: -1 };

export const hasClass = ({ nodeId, nodeCount }: NonceClass): boolean => nodeId >= 0 && nodeCount > 0;

/**
 * So many steps of a class lie between one round and the next: more than sixteen machines of eight of today's fastest
 * GPUs pass in one PoC, and few enough for nonces to stay within 32 bits.
 */
const roundSteps = 2 ** 24;

/**
 * The shares of `machines` machines: machine k gets `nodeId + k·nodeCount` of `nodeCount·machines`. They are disjoint,
 * together exactly the class, and congruent to it, so that no other node of the network is touched.
 * `round` counts the times that this class was shared out before: a later round begins where no earlier one comes to.
 * Throws RangeError when there is no class to share.
 */
export function shareNonces(whole: NonceClass, machines: number, round = 0): readonly NonceClass[] {
  if (!hasClass(whole) || !Number.isSafeInteger(machines) || machines < 1) {
    throw new RangeError(`cannot share ${whole.nodeId} of ${whole.nodeCount} among ${machines}`);
  }
  return Array.from({ length: machines }, (_, k) => ({
    nodeId: whole.nodeId + (k + round * roundSteps) * whole.nodeCount,
    nodeCount: whole.nodeCount * machines,
  }));
}

/** Whether a machine with these numbers may have computed that nonce. */
export const isInClass = (nonce: number, own: NonceClass): boolean =>
  hasClass(own) && nonce >= own.nodeId && (nonce - own.nodeId) % own.nodeCount === 0;

/** How often a class has been shared out, by the shares that were given. */
export const roundsOf = (whole: NonceClass, shares: readonly NonceClass[]): number =>
  shares
    .filter(hasClass)
    .reduce(
      (rounds, { nodeId }) =>
        Math.max(rounds, Math.floor((nodeId - whole.nodeId) / whole.nodeCount / roundSteps) + 1),
      0,
    );
