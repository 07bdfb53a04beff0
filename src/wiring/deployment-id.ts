import { ulid } from 'ulid';
import { HybridError } from '../errors.ts';
import type { MetaTable } from '../runtime/store.ts';

const key = 'deployment_id';

/**
 * Whose machines are ours: made on the first start and kept in the store; `DEPLOYMENT_ID` in the settings lets a lost
 * store still know its machines. Throws DEPLOYMENT_MISMATCH when both are there and differ.
 */
export function deploymentId(
  meta: MetaTable,
  configured: string | undefined,
): { id: string; isUnsaved: boolean } {
  const stored = meta.get(key);
  if (stored !== undefined && configured !== undefined && stored !== configured) {
    throw new HybridError({
      code: 'DEPLOYMENT_MISMATCH',
      message: `DEPLOYMENT_ID is ${configured}, the store belongs to ${stored}`,
    });
  }
  const id = configured ?? stored ?? ulid().toLowerCase();
  if (stored === undefined) meta.set(key, id);
  return { id, isUnsaved: configured === undefined };
}
