import type { WorldClock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Account } from './account.ts';
import type { VastFaultBoard } from './fault-catalogue.ts';
import type { Fleet } from './fleet.ts';
import type { Market } from './market.ts';

/** What the front door and the rental desk share. */
export interface VastApiParts {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly apiKey: string;
  readonly accidents: number;
  readonly faults: VastFaultBoard;
  readonly market: Market;
  readonly fleet: Fleet;
  readonly account: Account;
}
