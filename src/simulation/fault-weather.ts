import type { VirtualClock } from '../runtime/virtual-clock.ts';
import type { FaultBoard } from '../world/neighbour.ts';
import type { Random } from '../world/random.ts';
import type { FaultPattern } from './fault-catalogue.ts';
import type { SimulatedTown } from './town.ts';

export interface FaultWeatherOptions {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly town: SimulatedTown;
  readonly home: FaultBoard;
  readonly patterns: readonly FaultPattern[];
}

/** World milliseconds around `poc_start` in which faults strike: the daemon is at work there. */
const stretchMs = { before: 50 * 60_000, after: 25 * 60_000 };
/** What a fault left behind may show for this long after it. */
const aftermathMs = 10 * 60_000;

/** Faults that come and go around each PoC, drawn from the seed alone. */
export class FaultWeather {
  readonly #options: FaultWeatherOptions;
  /** Faults that are switched, and those whose aftermath lasts. */
  #active = 0;
  /** Times that each fault struck. */
  readonly struck: Record<string, number> = {};

  constructor(options: FaultWeatherOptions) {
    this.#options = options;
  }

  /** Draws what happens around one PoC that starts at `pocStartAt` (world time). */
  plan(pocStartAt: number): void {
    const { clock, random, patterns } = this.#options;
    const from = Math.max(0, pocStartAt - stretchMs.before - clock.now());
    const to = Math.max(from, pocStartAt + stretchMs.after - clock.now());
    for (const fault of patterns) {
      const [strikes, at, lasts] = [random.next(), random.next(), random.next()];
      if (strikes >= fault.chance) continue;
      const lastsMs = fault.lastsMs[0] + lasts * (fault.lastsMs[1] - fault.lastsMs[0]);
      clock.setTimeout(() => this.#strike(fault, lastsMs), from + at * (to - from));
    }
  }

  #strike(fault: FaultPattern, lastsMs: number): void {
    const { clock, town, home } = this.#options;
    const [neighbour = '', name = ''] = fault.name.split('.');
    const board = neighbour === 'home' ? home : boardOf(town, neighbour);
    if (board === undefined) return;
    this.struck[fault.name] = (this.struck[fault.name] ?? 0) + 1;
    this.#count(1);
    const { value } = fault;
    board.set(name, typeof value === 'number' ? value : this.#options.random.between(...value));
    town.stirrings.stirAll();
    town.chain.rearm();
    clock.setTimeout(() => {
      board.set(name, 0);
      town.stirrings.stirAll();
      town.chain.rearm();
      clock.setTimeout(() => this.#count(-1), aftermathMs);
    }, lastsMs);
  }

  /** No fault is switched, and none was a short while ago. */
  get isCalm(): boolean {
    return this.#active === 0;
  }

  #count(change: 1 | -1): void {
    this.#active += change;
  }
}

/** A machine's board is that of one which runs now; without one the fault misses. */
function boardOf(town: SimulatedTown, neighbour: string): FaultBoard | undefined {
  if (neighbour === 'vast') return town.vast.faults;
  if (neighbour === 'chain') return town.chain.faults;
  if (neighbour === 'source') return town.sources[0]?.faults;
  if (neighbour === 'networkNode') return town.networkNode.faults;
  return town.host.machines[0]?.faults;
}
