import { parseArgs } from 'node:util';
import { simulationFaults } from '../src/cli/simulation-verdict.ts';
import { faultCatalogue } from '../src/simulation/fault-catalogue.ts';
import { violationSentence } from '../src/simulation/run-once.ts';
import type { RunTerms } from '../src/simulation/run-terms.ts';
import { totalOf } from '../src/simulation/total.ts';
import { drawnSeed, wholeNumber } from './arguments.ts';
import { type RunAnswer, runAll } from './worker-pool.ts';

const usage = `npm run campaign -- [--seeds 200] [--epochs 100] [--first-seed N] [--host-failure 0.2] [--crash-rate 0.02]
                    [--policy auto] [--chain v1]

Many seeds with every fault and with crashes, on every core. A seed prints nothing unless something happened that may
never happen; the last line is one JSON object. --first-seed is drawn, and printed, unless it is given.`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    epochs: { type: 'string', default: '100' },
    'first-seed': { type: 'string' },
    'host-failure': { type: 'string', default: '0.2' },
    'crash-rate': { type: 'string', default: '0.02' },
    policy: { type: 'string', default: 'auto' },
    chain: { type: 'string', default: 'v1' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else process.exitCode = await campaign();

async function campaign(): Promise<number> {
  const seeds = wholeNumber('seeds', values.seeds);
  const first =
    values['first-seed'] === undefined ? drawnSeed() : wholeNumber('first-seed', values['first-seed']);
  console.error(`seeds ${first}..${first + seeds - 1}`);
  const startedMs = performance.now();
  const list = Array.from(
    { length: seeds },
    (_, at): RunTerms => ({
      seed: first + at,
      epochs: wholeNumber('epochs', values.epochs),
      chain: values.chain as RunTerms['chain'],
      hostFailure: Number(values['host-failure']),
      faults: 'all',
      policy: values.policy as RunTerms['policy'],
      fleet: 1,
      crashRate: Number(values['crash-rate']),
      store: 'memory',
    }),
  );
  const failures: string[] = [];
  const answers = await runAll(list, {
    onRun: (answer) => {
      const said = troubleOf(answer);
      if (said === undefined) return;
      failures.push(said);
      console.error(said);
    },
  });
  const runs = answers.flatMap((answer) => ('run' in answer ? [answer.run] : []));
  const struck: Record<string, number> = {};
  for (const run of runs)
    for (const [name, times] of Object.entries(run.struck)) struck[name] = (struck[name] ?? 0) + times;
  const neverStruck = faultCatalogue.map(({ name }) => name).filter((name) => struck[name] === undefined);
  console.log(
    JSON.stringify({
      firstSeed: first,
      seeds,
      seedsInTrouble: failures.length,
      wallSeconds: Math.round((performance.now() - startedMs) / 1_000),
      faultsStruck: Object.values(struck).reduce((sum, times) => sum + times, 0),
      neverStruck,
      ...(runs.length > 0 ? totalOf(runs.map((run) => run.figures)) : {}),
    }),
  );
  return failures.length === 0 ? 0 : 1;
}

function troubleOf(answer: RunAnswer): string | undefined {
  if ('failure' in answer) return `seed ${answer.terms.seed} threw: ${answer.failure}`;
  const { run, terms } = answer;
  if (run.violation !== undefined) return violationSentence(terms, run.violation);
  const faults = simulationFaults(run.figures);
  return faults.length === 0 ? undefined : `seed ${terms.seed}: ${faults.join(', ')}`;
}
