import type { Vast } from '../../adapters/vast/interface.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { Orphan } from '../../machines/reconciler.ts';
import type { Effects, Runtime } from '../../runtime/interface.ts';
import type { Log } from '../log.ts';

export interface ReconcilerEffectsOptions {
  readonly vast: Vast;
  readonly deploymentId: string;
  readonly log: Log;
  /** Open lease rows; read at the moment of comparison. */
  leases(): ReturnType<Runtime['rows']>;
}

/** The work behind the reconciler chart. */
export function createReconcilerEffects(options: ReconcilerEffectsOptions): Effects {
  const { vast, deploymentId, log } = options;
  return {
    findOrphans: async ({ signal }) => {
      const { instances } = await vast.list(signal);
      // Read after the list: a lease that was opened meanwhile is open, one that ended meanwhile has been proven gone.
      const open = options.leases().map((row) => row.context as LeaseContext);
      const orphans = instances
        .filter((instance) => isOurs(instance.label, deploymentId))
        .filter(
          (instance) =>
            !open.some((lease) => lease.label === instance.label || lease.instanceId === instance.instanceId),
        )
        .map(({ instanceId, label }): Orphan => ({ instanceId, label: label ?? '' }));
      return { orphans };
    },
    destroyOrphans: async ({ input, signal }) => {
      const { orphans } = input as { orphans: readonly Orphan[] };
      for (const orphan of orphans) {
        log.warn({ ...orphan }, 'orphan.destroying');
        await vast.destroy(orphan.instanceId, signal);
      }
      return { destroyed: orphans.length };
    },
  };
}

/** Exactly our deployment: two hosts on one account never touch each other's machines. */
const isOurs = (label: string | null, deploymentId: string): boolean =>
  label?.startsWith(`ghm:${deploymentId}:`) ?? false;
