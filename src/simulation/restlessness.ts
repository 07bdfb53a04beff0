import type { FaultBoard } from '../world/neighbour.ts';
import type { Neighbourhood } from './stirrings.ts';
import type { SimulatedTown } from './town.ts';

/** Faults that a list of instances can show. */
const listFaults = new Set([
  'slowList',
  'listEmpty',
  'listMalformed',
  'listPartial',
  'list500Html',
  'keyRefused',
  'down',
]);
/** What a machine is born with: it answers in one way, always. */
const lasting = new Set(['directBroken', 'proxyBroken', 'gpuBroken']);

/** Which neighbours may answer a look otherwise than a moment ago, by the faults that are switched. */
export function restlessness({
  chain,
  networkNode,
  vast,
  host,
}: Pick<SimulatedTown, 'chain' | 'networkNode' | 'vast' | 'host'>): (who: Neighbourhood) => boolean {
  const verdicts: Record<Neighbourhood, () => boolean> = {
    chain: () => anyOf(chain.faults),
    networkNode: () => anyOf(networkNode.faults),
    vast: () => anyOf(vast.faults, (name) => listFaults.has(name)),
    machine: () => host.machines.some(({ faults }) => anyOf(faults, (name) => !lasting.has(name))),
  };
  return (who) => verdicts[who]();
}

const anyOf = (board: FaultBoard, counts: (name: string) => boolean = () => true): boolean =>
  board.descriptions.some(({ name }) => counts(name) && board.get(name) > 0);
