import type { Chain } from '../adapters/chain/interface.ts';
import type { GovernanceModels } from '../adapters/chain/governance-models.ts';
import type { Mlnode } from '../adapters/mlnode/interface.ts';
import type { NetworkNode } from '../adapters/network-node/interface.ts';
import type { Ssh } from '../adapters/ssh/interface.ts';
import type { Transport } from '../adapters/transport.ts';
import type { Vast } from '../adapters/vast/interface.ts';
import type { MetBackEnd } from './gateway/back-ends.ts';

/** Everybody whom the daemon talks to. `http` forms in production, simulated ones in the simulation. */
export interface Neighbours {
  readonly chain: Chain;
  /** What governance lists of models. Absent = nobody does. */
  readonly governance?: GovernanceModels;
  readonly vast: Vast;
  readonly ssh: Ssh;
  readonly networkNode: NetworkNode;
  /** In the order of `config.backEnds`. */
  readonly backEnds: readonly MetBackEnd[];
  /** The ML node of one machine, over the wire that leads to its port. */
  mlnode(transport: Transport): Mlnode;
}
