import { type EpochFigures, type InstanceBook, pocsOf, type TownBooks } from '../figures/books.ts';

/** GPU seconds that were paid for and served no PoC, by their place. World seconds. */
export interface PaidAroundPoc {
  /** From a running container to `poc_start`; of a machine that served none, all of them. */
  readonly beforeSeconds: number;
  /** From the end of validation to the end of the meter. */
  readonly afterSeconds: number;
}

/** Which paid seconds lie around the PoC that a machine served, by the provider's meter and the Network Node's windows. */
export function paidAroundPoc({ vast, networkNode }: TownBooks): PaidAroundPoc {
  const heights = new Map(
    vast.machines.map((machine) => [machine.instanceId, pocsOf(machine).map((poc) => poc.blockHeight)]),
  );
  const paid = vast.instances.map((instance) => {
    const served = heights.get(instance.instanceId) ?? [];
    return around(
      instance,
      networkNode.epochs.filter((epoch) => served.includes(epoch.pocStartHeight)),
    );
  });
  return {
    beforeSeconds: paid.reduce((sum, { beforeSeconds }) => sum + beforeSeconds, 0),
    afterSeconds: paid.reduce((sum, { afterSeconds }) => sum + afterSeconds, 0),
  };
}

function around({ runningAt, gpuSeconds }: InstanceBook, served: readonly EpochFigures[]): PaidAroundPoc {
  const within = (ms: number): number => Math.min(gpuSeconds, Math.max(0, ms / 1_000));
  if (runningAt === null) return { beforeSeconds: 0, afterSeconds: 0 };
  // The meter runs without a break from the start of the container on: it ends where the seconds are used up.
  const meterEndMs = runningAt + gpuSeconds * 1_000;
  const openedAtMs = served[0]?.windows.generated.openedAtMs ?? Number.POSITIVE_INFINITY;
  const closedAtMs = served.at(-1)?.windows.validated.closedAtMs ?? Number.POSITIVE_INFINITY;
  return { beforeSeconds: within(openedAtMs - runningAt), afterSeconds: within(meterEndMs - closedAtMs) };
}
