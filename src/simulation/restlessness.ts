import type { ChainWorld } from '../world/chain/chain-world.ts';
import type { FaultBoard } from '../world/neighbour.ts';
import type { NetworkNodeWorld } from '../world/network-node/network-node-world.ts';
import type { VastWorld } from '../world/vast/vast-world.ts';
import type { SimulatedMachineHost } from './machine-host.ts';
import type { Neighbourhood } from './stirrings.ts';

export interface RestlessTown {
  readonly chain: ChainWorld;
  readonly networkNode: NetworkNodeWorld;
  vast(): VastWorld;
  host(): SimulatedMachineHost;
}

/** Faults that a list of instances can show. */
const listFaults = [
  'slowList',
  'listEmpty',
  'listMalformed',
  'listPartial',
  'list500Html',
  'keyRefused',
  'down',
];
/** What a machine is born with: it answers in one way, always. */
const lasting = new Set(['directBroken', 'proxyBroken', 'gpuBroken']);

/** Which neighbours may answer a look otherwise than a moment ago, by the faults that are switched. */
export function restlessness(town: RestlessTown): (who: Neighbourhood) => boolean {
  const anyOf = (board: FaultBoard): boolean =>
    board.descriptions.some(({ name }) => !lasting.has(name) && board.get(name) > 0);
  const verdicts: Record<Neighbourhood, () => boolean> = {
    chain: () => anyOf(town.chain.faults),
    networkNode: () => anyOf(town.networkNode.faults),
    vast: () => listFaults.some((name) => (town.vast().faults as FaultBoard).get(name) > 0),
    machine: () => town.host().runningIds.some((id) => anyOf((town.host().machine(id) ?? town.chain).faults)),
  };
  return (who) => verdicts[who]();
}
