import type { FaultBoard } from '../world/neighbour.ts';
import type { Neighbourhood } from './stirrings.ts';
import type { SimulatedTown } from './town.ts';

/** Faults that any list of instances can show; one that leaves out a row needs rows. */
const listFaults = new Set(['listEmpty', 'listMalformed', 'list500Html', 'keyRefused', 'down', 'apiGone']);
/** What changes no answer to a look: a machine is born with it, or it shows in calls and connections alone. */
const unseen = new Set([
  'directBroken',
  'proxyBroken',
  'gpuBroken',
  'hostKeyChanges',
  'initFails',
  'loadSlow',
  'senderStalls',
]);

/** Which neighbours may answer a look otherwise than a moment ago, by the faults that are switched. */
export function restlessness({
  chain,
  sources,
  networkNode,
  vast,
  host,
}: Pick<SimulatedTown, 'chain' | 'sources' | 'networkNode' | 'vast' | 'host'>): (
  who: Neighbourhood,
) => boolean {
  const verdicts: Record<Neighbourhood, () => boolean> = {
    chain: () => anyOf(chain.faults) || sources.some(({ faults }) => anyOf(faults)),
    networkNode: () => anyOf(networkNode.faults),
    vast: () =>
      anyOf(vast.faults, (name) => listFaults.has(name)) ||
      (vast.faults.get('listPartial') > 0 && vast.liveRentals.length > 0),
    machine: () => host.machines.some(({ faults }) => anyOf(faults, (name) => !unseen.has(name))),
  };
  return (who) => verdicts[who]();
}

const anyOf = (board: FaultBoard, counts: (name: string) => boolean = () => true): boolean =>
  board.isAny(counts);
