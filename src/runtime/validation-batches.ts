/** Bodies of `pow/validate` calls, so that another machine can be given what a lost one left. Bounded. */
export interface ValidationBatches {
  /** Durable when it returns; the same digest again changes nothing. Throws STORE_BROKEN when the commit failed. */
  put(batch: { readonly digest: string; readonly blockHash: string; readonly body: string }): void;
  body(digest: string): string | undefined;
  /** Digests of all batches of one PoC. */
  digestsOf(blockHash: string): readonly string[];
  /** Forgets the batches of every other PoC. */
  keepOnly(blockHash: string | null): void;
}

/** The batches of a daemon without a store. */
export function createMemoryValidationBatches(): ValidationBatches {
  const batches = new Map<string, { readonly blockHash: string; readonly body: string }>();
  return {
    put: ({ digest, ...batch }) => {
      if (batches.size < batchesMax && !batches.has(digest)) batches.set(digest, batch);
    },
    body: (digest) => batches.get(digest)?.body,
    digestsOf: (blockHash) =>
      [...batches].filter(([, batch]) => batch.blockHash === blockHash).map(([digest]) => digest),
    keepOnly: (blockHash) => {
      for (const [digest, batch] of batches) if (batch.blockHash !== blockHash) batches.delete(digest);
    },
  };
}

/** As many as the service remembers the digests of. */
export const batchesMax = 4_096;
