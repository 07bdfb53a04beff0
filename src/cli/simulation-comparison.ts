import type { SimulationFigures } from '../simulation/report.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { type NamedFigures, simulationFaults } from './simulation-verdict.ts';

type Name = keyof SimulationFigures;

/** What is shown side by side, with what it is called. */
const rows: readonly (readonly [Name, string])[] = [
  ['completed', 'epochs completed'],
  ['missed', 'epochs missed'],
  ['missedPer1000', 'missed in 1000'],
  ['epochsUnrewarded', 'epochs unrewarded'],
  ['instances', 'machines rented'],
  ['leakedInstances', 'machines leaked'],
  ['paidSeconds', 'GPU seconds paid'],
  ['paidOverMinimum', 'paid over minimum'],
  ['costUsd', 'cost, $'],
  ['leakedUsd', 'of it leaked, $'],
  ['noncesAccepted', 'nonces accepted'],
  ['costUsdPer1000Nonces', '$ per 1000 nonces'],
];

/**
 * Two strategies on the same seeds, side by side; with `isJson` our figures are the one line on stdout, with theirs
 * under `predecessor`. The exit code judges ours alone.
 */
export function simulationComparison(
  ours: NamedFigures,
  theirs: SimulationFigures,
  isJson: boolean,
  io: Pick<CommandIo, 'stdout' | 'stderr' | 'env'>,
): number {
  const faults = simulationFaults(ours, ours);
  const talk = isJson ? io.stderr : io.stdout;
  const comparison = compared(ours, theirs);
  const line = (what: string, one: unknown, other: unknown): string =>
    `${what.padEnd(34)} ${String(one).padStart(16)} ${String(other).padStart(16)}\n`;
  talk.write(line('', ours.policy, 'predecessor'));
  for (const [name, what] of rows) talk.write(line(what, ours[name], theirs[name]));
  talk.write(line('$ per 1000 nonces, leaks left out', ...comparison.costWithoutLeaks));
  talk.write(
    `cost per nonce ${comparison.costRatio ?? '–'} of the predecessor's (leaks left out), misses ${comparison.missRatio ?? '–'}\n`,
  );
  for (const fault of faults) talk.write(`not as it should be: ${fault}\n`);
  if (isJson) {
    const { costRatio, missRatio } = comparison;
    io.stdout.write(`${JSON.stringify({ ...ours, predecessor: theirs, costRatio, missRatio })}\n`);
  }
  return faults.length === 0 ? exitCodes.ok : exitCodes.failed;
}

/** A machine that the predecessor forgot costs for ever; the ratio does not count that against it. */
function compared(ours: SimulationFigures, theirs: SimulationFigures) {
  const cost = ({ costUsd, leakedUsd, noncesAccepted }: SimulationFigures): number | null =>
    noncesAccepted > 0 ? rounded((1_000 * (costUsd - leakedUsd)) / noncesAccepted) : null;
  const costWithoutLeaks = [cost(ours), cost(theirs)] as const;
  const [one, other] = costWithoutLeaks;
  return {
    costWithoutLeaks,
    costRatio: one === null || other === null ? null : rounded(one / other),
    missRatio: theirs.missed > 0 ? rounded(ours.missed / theirs.missed) : null,
  };
}

const rounded = (value: number): number => Number(value.toFixed(3));
