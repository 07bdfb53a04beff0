import type { Runtime, RowView } from '../../src/runtime/interface.ts';
import { unixMs } from '../../src/units.ts';

/** The rows of a runtime, and among them a lease for each of these machines that is held. */
export function withHeldLeases(
  runtime: Runtime,
  machines: ReadonlyMap<string, { readonly isHeld: boolean }>,
): Runtime {
  const leases = (): readonly RowView[] =>
    [...machines]
      .filter(([, { isHeld }]) => isHeld)
      .map(([leaseId, machine]) => ({
        id: `lease:${leaseId}`,
        chart: 'lease',
        value: { held: 'ready' },
        context: { leaseId, ...machine },
        status: 'active',
        updatedAt: unixMs(1),
        openIntents: [],
      }));
  return new Proxy(runtime, {
    get: (target, name) => {
      if (name === 'rows')
        return (options?: { chart?: string }) =>
          options?.chart === 'lease' ? leases() : target.rows(options);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
