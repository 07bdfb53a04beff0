import type { FaultDescription } from '../world/neighbour.ts';

export const neighbours = ['chain', 'network-node', 'vast', 'machine', 'upstream'] as const;
export type NeighbourName = (typeof neighbours)[number];

export const isNeighbour = (name: string): name is NeighbourName =>
  (neighbours as readonly string[]).includes(name);

/** What every `serve…` resolves with; further plain fields are printed in the ready line too. */
export interface Served {
  readonly port: number;
  close(): Promise<void>;
}

/** `src/sandbox/<name>.ts` exports `serve<Name>`; loaded only here, so that one neighbour's process stays small. */
export async function serve(name: NeighbourName, options: object): Promise<Served> {
  const module = (await import(`../sandbox/${name}.ts`)) as Readonly<Record<string, unknown>>;
  const served = module[`serve${pascal(name)}`];
  if (typeof served !== 'function') throw new Error(`src/sandbox/${name}.ts exports no serve${pascal(name)}`);
  return (await served(options)) as Served;
}

/**
 * The faults that a neighbour can show. Those of a machine are read from its catalogue, because a machine cannot be
 * served without a specification; the others are asked.
 */
export async function faultsOf(name: NeighbourName, options: object): Promise<readonly FaultDescription[]> {
  if (name === 'machine') return machineFaultList();
  const served = await serve(name, options);
  try {
    const answer = await fetch(`http://127.0.0.1:${served.port}/sandbox/faults`, {
      signal: AbortSignal.timeout(5_000),
    });
    return (await answer.json()) as readonly FaultDescription[];
  } finally {
    await served.close();
  }
}

async function machineFaultList(): Promise<readonly FaultDescription[]> {
  const [{ machineFaults }, { MachineMlnode }, { Random }, { ScaledClock }] = await Promise.all([
    import('../world/machine/machine-faults.ts'),
    import('../world/machine/machine-mlnode.ts'),
    import('../world/random.ts'),
    import('../sandbox/scaled-clock.ts'),
  ]);
  const clock = new ScaledClock({ originMs: Date.now(), speed: 1 });
  return [...machineFaults, ...MachineMlnode.faults(new Random(1), clock)];
}

const pascal = (name: string): string =>
  name.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
