import type { Config } from '../config/config.ts';
import type { JournalEntry } from '../runtime/interface.ts';
import type { MicroUsd } from '../units.ts';
import type { ChainFlavour } from '../world/chain/flavour.ts';
import type { Neighbours } from '../wiring/neighbours.ts';
import type { Violation } from './audit/violation.ts';
import type { FaultPattern } from './fault-catalogue.ts';
import type { SimulationFigures } from './report.ts';
import type { LoggedEvent } from './silent-log.ts';
import type { Simulation } from './simulation.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly epochs: number;
  readonly config: Config;
  /** The strategy that this daemon replaces lives here in its place; its life is not audited. Default false. */
  readonly isPredecessor?: boolean;
  /** What the network runs, with mainnet's numbers. Default `v1`. */
  readonly chain?: ChainFlavour;
  /** Factor on the documented mishaps of provider and machines. */
  readonly accidents: number;
  readonly hostFailure: number | undefined;
  /** Probability that the daemon dies at one durable step. */
  readonly crashRate: number;
  /** Faults that come and go. Default none. */
  readonly faults?: readonly FaultPattern[];
  /** Of the store's file; absent = in memory. */
  readonly storePath?: string;
  /** The operator's cap on a day, by which the bill is judged. Default: the daemon's own setting. */
  readonly dailyCap?: MicroUsd;
  /** Blocks of one epoch. Default mainnet's. */
  readonly epochLength?: number;
  /** Plays every block and every look, as if none could be left out: slow, and the measure of the fast way. */
  readonly isUnhurried?: boolean;
  /** Goes on after a violation. Default: the first one ends the run. */
  readonly goesOn?: boolean;
  onStep?(entry: JournalEntry, simulation: Simulation): void;
  onLog?(logged: LoggedEvent): void;
  onEpoch?(done: number, simulation: Simulation): void;
  /** Sabotage: the neighbours as this daemon shall meet them. */
  meet?(neighbours: Neighbours): Neighbours;
}

export interface SimulationReport {
  readonly figures: SimulationFigures;
  readonly violations: readonly Violation[];
  /** SHA-256 (hex) of every journal line: two runs with one hash did the same. */
  readonly journalHash: string;
}
