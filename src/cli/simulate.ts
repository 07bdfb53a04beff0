import { faultCatalogue, faultsNamed } from '../simulation/fault-catalogue.ts';
import { readJournalFile } from '../simulation/journal-file.ts';
import type { SimulationFigures } from '../simulation/report.ts';
import { runOnce, violationSentence } from '../simulation/run-once.ts';
import { type RunTerms, simulatedChains, simulatedPolicies } from '../simulation/run-terms.ts';
import { totalOf } from '../simulation/total.ts';
import { numberOption, parseArguments, UsageError, wholeNumberOption } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { simulationComparison } from './simulation-comparison.ts';
import { simulationVerdict } from './simulation-verdict.ts';

const help = `
Usage: hybrid-mlnode simulate [options]

The daemon's own charts, runtime and policy over a simulated world under a virtual clock: mainnet's epochs, a market
with its documented mishaps, machines over simulated SSH, and the real gateway. A seed and a commit reproduce any run.
What may never happen is checked after every step, from the rows and from the world's own truth; the first violation
ends the run and is written to a file.

Options:
  --epochs <n>        PoC epochs to live through (default 100)
  --seed <n>          seed of every chance (default: drawn, and printed)
  --seeds <n>         so many runs, from that seed on, added up (default 1); or from..to
  --chain <name>      what the network runs: v1 (default), v1-confirmation, v2, v2-confirmation
  --host-failure <x>  probability that a rental never becomes usable, in place of the documented mishaps
  --faults <list>     none (default), all, or names with commas between; -name leaves one out
  --policy <name>     auto (default), sprint, epoch, or predecessor: the strategy that this daemon replaces
  --compare <name>    predecessor: the same runs by that strategy too, side by side
  --fleet <n>         machines that share each PoC, 1 to 16 (default 1)
  --crash-rate <p>    probability that the daemon dies at one durable step (default 0)
  --store <where>     memory (default) or file
  --json              the figures as one JSON object on the last line, talk on stderr
  --replay <file>     run again what a violation's file tells of

Faults: ${faultCatalogue.map((fault) => fault.name).join(', ')}

Examples:
  hybrid-mlnode simulate --epochs 100 --host-failure 0.2
  hybrid-mlnode simulate --epochs 500 --seed 7 --json

Exit codes: 0 nothing happened that may never happen, 1 something did (it is named).
`;

export const command: Command = {
  name: 'simulate',
  summary: 'Live through thousands of epochs in seconds, and count what may never happen.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      epochs: { type: 'string', default: '100' },
      seed: { type: 'string' },
      seeds: { type: 'string', default: '1' },
      chain: { type: 'string', default: 'v1' },
      'host-failure': { type: 'string' },
      faults: { type: 'string', default: 'none' },
      policy: { type: 'string', default: 'auto' },
      compare: { type: 'string' },
      fleet: { type: 'string', default: '1' },
      'crash-rate': { type: 'string', default: '0' },
      store: { type: 'string', default: 'memory' },
      json: { type: 'boolean', default: false },
      replay: { type: 'string' },
    });
    const replayed = values.replay === undefined ? undefined : readJournalFile(values.replay).terms;
    const span = seedsOption(values.seed, values.seeds);
    const terms: RunTerms = replayed ?? {
      seed: span.first,
      epochs: wholeNumberOption('epochs', values.epochs, 1, 1_000_000),
      chain: oneOf('chain', values.chain, simulatedChains),
      hostFailure:
        values['host-failure'] === undefined
          ? null
          : numberOption('host-failure', values['host-failure'], 0, 0.99),
      faults: faultsOption(values.faults),
      policy: oneOf('policy', values.policy, simulatedPolicies),
      fleet: wholeNumberOption('fleet', values.fleet, 1, 16),
      crashRate: numberOption('crash-rate', values['crash-rate'], 0, 0.5),
      store: oneOf('store', values.store, ['memory', 'file']),
    };
    if (values.compare !== undefined) oneOf('compare', values.compare, ['predecessor']);
    const talk = values.json ? io.stderr : io.stdout;
    const runs = replayed === undefined ? span.count : 1;
    talk.write(`seed ${terms.seed}${runs > 1 ? `..${terms.seed + runs - 1}` : ''}\n`);
    const ours = await allSeeds(terms, runs, io, talk);
    const isCalm = terms.faults === 'none' && terms.crashRate === 0;
    const { seed, chain, policy, fleet, hostFailure } = terms;
    const named = { seed, seeds: ours.seeds, chain, policy, fleet, hostFailure, isCalm };
    const figures = { ...named, ...ours.figures };
    if (values.compare === undefined) return simulationVerdict(figures, values.json, io);
    const theirs = await allSeeds({ ...terms, policy: 'predecessor', crashRate: 0 }, runs, io, talk);
    return simulationComparison(figures, theirs.figures, values.json, io);
  },
};

/** The runs of all seeds added up; a violation ends them. */
async function allSeeds(
  terms: RunTerms,
  runs: number,
  io: CommandIo,
  talk: CommandIo['stdout'],
): Promise<{ figures: SimulationFigures; seeds: number }> {
  const figures: SimulationFigures[] = [];
  for (let run = 0; run < runs; run += 1) {
    const own = { ...terms, seed: terms.seed + run };
    const one = await runOnce(own, (done, crashes) => progress(io, own, done, crashes));
    if (io.stderr.isTTY === true) io.stderr.write('\r\u001b[K');
    figures.push(one.figures);
    if (one.violation === undefined) continue;
    talk.write(`${violationSentence(own, one.violation)}\n`);
    break;
  }
  return { figures: totalOf(figures), seeds: figures.length };
}

function progress(io: CommandIo, { seed, epochs, policy }: RunTerms, done: number, crashes: number): void {
  if (io.stderr.isTTY !== true) return;
  io.stderr.write(`\r\u001b[K${policy}, seed ${seed}: ${done} of ${epochs} epochs, ${crashes} crashes`);
}

/** `--seeds` is a count, from `--seed` on, or `from..to`. */
function seedsOption(seed: string | undefined, seeds: string): { first: number; count: number } {
  const [from, to, ...rest] = seeds.split('..');
  if (to === undefined)
    return { first: seedOption(seed), count: wholeNumberOption('seeds', seeds, 1, 1_000_000) };
  const first = wholeNumberOption('seeds', from ?? '', 0, 2 ** 32 - 1);
  const last = wholeNumberOption('seeds', to, first, Math.min(first + 999_999, 2 ** 32 - 1));
  if (rest.length > 0 || seed !== undefined) throw new UsageError('--seeds from..to names every seed');
  return { first, count: last - first + 1 };
}

function seedOption(text: string | undefined): number {
  if (text === undefined) return Math.floor(Math.random() * 2 ** 31);
  return wholeNumberOption('seed', text, 0, 2 ** 32 - 1);
}

function faultsOption(text: string): string {
  try {
    faultsNamed(text);
    return text;
  } catch (error) {
    throw new UsageError(`--faults: ${(error as Error).message}`);
  }
}

function oneOf<const Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found === undefined)
    throw new UsageError(
      `--${option} ${text} is not simulated; ${names.join(', ')} ${names.length > 1 ? 'are' : 'is'}`,
    );
  return found;
}
