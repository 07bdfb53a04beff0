import { mean, type Spread, spreadOf } from './statistics.ts';
import type { Subject } from './subject.ts';

/** Two windows of each, in the order A B B A, so that a drift of the machine meets both alike. */
export interface Round<Sample> {
  readonly gateway: readonly Sample[];
  readonly nginx: readonly Sample[];
}

export interface Subjects<Gateway extends Subject = Subject> {
  readonly gateway: Gateway;
  readonly nginx: Subject;
}

/** Measures both by turns: gateway, nginx, nginx, gateway, `rounds` times. */
export async function alternate<Sample>(
  rounds: number,
  { gateway, nginx }: Subjects,
  measure: (subject: Subject) => Promise<Sample>,
): Promise<Round<Sample>[]> {
  const done: Round<Sample>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const first = await measure(gateway);
    const yardstick = [await measure(nginx), await measure(nginx)];
    done.push({ gateway: [first, await measure(gateway)], nginx: yardstick });
  }
  return done;
}

/** Both sides of one figure and how the gateway stands to nginx, taken inside each round. */
export interface Comparison {
  readonly gateway: Spread;
  readonly nginx: Spread;
  readonly ratio: Spread;
  /** Gateway minus nginx. */
  readonly difference: Spread;
}

export function compare<Sample>(
  rounds: readonly Round<Sample>[],
  figure: (sample: Sample) => number,
): Comparison {
  const pairs = rounds.map((round) => ({
    gateway: mean(round.gateway.map(figure)),
    nginx: mean(round.nginx.map(figure)),
  }));
  return {
    gateway: spreadOf(pairs.map((pair) => pair.gateway)),
    nginx: spreadOf(pairs.map((pair) => pair.nginx)),
    ratio: spreadOf(pairs.map((pair) => pair.gateway / pair.nginx)),
    difference: spreadOf(pairs.map((pair) => pair.gateway - pair.nginx)),
  };
}
