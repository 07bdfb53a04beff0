import { parseArgs } from 'node:util';
import { simulationFaults } from '../src/cli/simulation-verdict.ts';
import type { SimulationFigures } from '../src/simulation/report.ts';
import type { RunTerms } from '../src/simulation/run-terms.ts';
import { totalOf } from '../src/simulation/total.ts';
import { drawnSeed, wholeNumber } from './arguments.ts';
import { runAll } from './worker-pool.ts';

const usage = `npm run misses -- [--epochs 10000] [--first-seed N] [--policy auto]

How many PoCs are missed in a thousand on a v1 chain when one rental in ten, five, three never becomes usable, and what
that costs over the minimum. Exit code 1 beyond 0.3, 1 and 3. The last line is one JSON object.`;

/** Host failure, and the misses in a thousand that it may lead to. */
const bounds = [
  [0.1, 0.3],
  [0.2, 1],
  [0.3, 3],
] as const;
/** Epochs of one run: many short ones keep every core busy to the end. */
const epochsOfRun = 250;

const { values } = parseArgs({
  options: {
    epochs: { type: 'string', default: '10000' },
    'first-seed': { type: 'string' },
    policy: { type: 'string', default: 'auto' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else process.exitCode = await misses();

async function misses(): Promise<number> {
  const epochs = wholeNumber('epochs', values.epochs);
  const first =
    values['first-seed'] === undefined ? drawnSeed() : wholeNumber('first-seed', values['first-seed']);
  console.error(`first seed ${first}, ${epochs} epochs for each host failure`);
  const list = bounds.flatMap(([hostFailure]) => termsOf(hostFailure, epochs, first));
  const answers = await runAll(list, {
    onRun: (answer) => {
      if ('failure' in answer) console.error(`seed ${answer.terms.seed} threw: ${answer.failure}`);
    },
  });
  const rows = bounds.map(([hostFailure, missedPer1000Max]) => {
    const figures = totalOf(
      answers.flatMap((answer) =>
        'run' in answer && answer.terms.hostFailure === hostFailure ? [answer.run.figures] : [],
      ),
    );
    const isKept = figures.missedPer1000 <= missedPer1000Max && simulationFaults(figures).length === 0;
    console.log(lineOf(hostFailure, missedPer1000Max, figures, isKept));
    return { hostFailure, missedPer1000Max, isKept, ...figures };
  });
  console.log(JSON.stringify({ firstSeed: first, rows }));
  const isWhole = answers.every((answer) => 'run' in answer);
  return isWhole && rows.every(({ isKept }) => isKept) ? 0 : 1;
}

function termsOf(hostFailure: number, epochs: number, first: number): RunTerms[] {
  return Array.from({ length: Math.ceil(epochs / epochsOfRun) }, (_, at) => ({
    seed: first + at,
    epochs: Math.min(epochsOfRun, epochs - at * epochsOfRun),
    chain: 'v1' as const,
    hostFailure,
    faults: 'none',
    policy: values.policy as RunTerms['policy'],
    fleet: 1,
    crashRate: 0,
    store: 'memory' as const,
  }));
}

function lineOf(hostFailure: number, max: number, figures: SimulationFigures, isKept: boolean): string {
  const { missed, epochs, missedPer1000, paidOverMinimum, costUsdPer1000Nonces } = figures;
  return (
    `host failure ${Math.round(100 * hostFailure)} %: ${missed} of ${epochs} missed, ${missedPer1000} in 1000 ` +
    `(at most ${max}), paid over minimum ${paidOverMinimum}, $${costUsdPer1000Nonces} for 1000 nonces` +
    (isKept ? '' : '  NOT AS IT SHOULD BE')
  );
}
