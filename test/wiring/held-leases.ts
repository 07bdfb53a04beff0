import type { Runtime, RowView } from '../../src/runtime/interface.ts';
import { unixMs } from '../../src/units.ts';

/**
 * The rows of a runtime, and among them a lease for each of these machines that is held, and an epoch row for each
 * owner whose PoC's first height is given.
 */
export function withHeldLeases(
  runtime: Runtime,
  machines: ReadonlyMap<string, { readonly isHeld: boolean; readonly owner?: string }>,
  pocStartHeights: ReadonlyMap<string, number> = new Map(),
): Runtime {
  const leases = (): readonly RowView[] =>
    [...machines]
      .filter(([, { isHeld }]) => isHeld)
      .map(([leaseId, machine]) => ({
        id: `lease:${leaseId}`,
        chart: 'lease',
        value: { held: 'ready' },
        context: { leaseId, owner: 'epoch:1', ...machine },
        status: 'active',
        updatedAt: unixMs(1),
        openIntents: [],
      }));
  const epoch = (id: string, pocStartHeight: number): RowView => ({
    id,
    chart: 'epoch',
    value: 'holding',
    context: { plan: { pocStartHeight } },
    status: 'active',
    updatedAt: unixMs(1),
    openIntents: [],
  });
  return new Proxy(runtime, {
    get: (target, name) => {
      if (name === 'rows')
        return (options?: { chart?: string }) =>
          options?.chart === 'lease' ? leases() : target.rows(options);
      if (name === 'row')
        return (id: string) => {
          const pocStartHeight = pocStartHeights.get(id);
          return pocStartHeight === undefined ? target.row(id) : epoch(id, pocStartHeight);
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
