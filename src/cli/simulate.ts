import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalEntry } from '../runtime/interface.ts';
import { faultCatalogue, faultsNamed } from '../simulation/fault-catalogue.ts';
import { readJournalFile, type RunTerms, writeJournalFile } from '../simulation/journal-file.ts';
import type { SimulationFigures } from '../simulation/report.ts';
import { simulatedConfig } from '../simulation/settings.ts';
import { Simulation } from '../simulation/simulation.ts';
import { totalOf } from '../simulation/total.ts';
import { numberOption, parseArguments, UsageError, wholeNumberOption } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { simulationVerdict } from './simulation-verdict.ts';

const help = `
Usage: hybrid-mlnode simulate [options]

The daemon's own charts, runtime and policy over a simulated world under a virtual clock: mainnet's epochs of PoC v1,
a market with its documented mishaps, machines over simulated SSH, and the real gateway. A seed and a commit reproduce
any run. What may never happen is checked after every step, from the rows and from the world's own truth; the first
violation ends the run and is written to a file.

Options:
  --epochs <n>        PoC epochs to live through (default 100)
  --seed <n>          seed of every chance (default: drawn, and printed)
  --seeds <n>         so many runs, from that seed on, added up (default 1)
  --chain <name>      v1 (default); others are not simulated yet
  --host-failure <x>  probability that a rental never becomes usable, in place of the documented mishaps
  --faults <list>     none (default), all, or names with commas between; -name leaves one out
  --policy <name>     auto (default), sprint or epoch
  --crash-rate <p>    probability that the daemon dies at one durable step (default 0)
  --store <where>     memory (default) or file
  --json              the figures as one JSON object on the last line, talk on stderr
  --replay <file>     run again what a violation's file tells of

Faults: ${faultCatalogue.map((fault) => fault.name).join(', ')}

Exit codes: 0 nothing happened that may never happen, 1 something did (it is named).
`;

/** Journal lines that are kept for the file of a violation. */
const journalLines = 2_000;

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
      'crash-rate': { type: 'string', default: '0' },
      store: { type: 'string', default: 'memory' },
      json: { type: 'boolean', default: false },
      replay: { type: 'string' },
    });
    if (values.chain !== 'v1') throw new UsageError(`--chain ${values.chain} is not simulated yet; v1 is`);
    const seeds = wholeNumberOption('seeds', values.seeds, 1, 1_000_000);
    const replayed = values.replay === undefined ? undefined : readJournalFile(values.replay);
    const terms: RunTerms = replayed?.terms ?? {
      seed: seedOption(values.seed),
      epochs: wholeNumberOption('epochs', values.epochs, 1, 1_000_000),
      hostFailure:
        values['host-failure'] === undefined
          ? null
          : numberOption('host-failure', values['host-failure'], 0, 0.99),
      faults: faultsOption(values.faults),
      policy: oneOf('policy', values.policy, ['auto', 'sprint', 'epoch']),
      crashRate: numberOption('crash-rate', values['crash-rate'], 0, 0.5),
      store: oneOf('store', values.store, ['memory', 'file']),
    };
    const talk = values.json ? io.stderr : io.stdout;
    talk.write(`seed ${terms.seed}\n`);
    const figures: SimulationFigures[] = [];
    for (let run = 0; run < (replayed === undefined ? seeds : 1); run += 1) {
      const one = await simulateOnce({ ...terms, seed: terms.seed + run }, io);
      figures.push(one.figures);
      if (one.told !== undefined) talk.write(`${one.told}\n`);
      if (one.figures.invariantViolations > 0) break;
    }
    return simulationVerdict(
      { seed: terms.seed, seeds: figures.length, ...totalOf(figures) },
      values.json,
      io,
    );
  },
};

/** One run; `told` is what there is to say of a violation. */
async function simulateOnce(
  terms: RunTerms,
  io: CommandIo,
): Promise<{ figures: SimulationFigures; told?: string }> {
  const journal: JournalEntry[] = [];
  const dir = terms.store === 'file' ? mkdtempSync(join(tmpdir(), 'hybrid-simulate-')) : undefined;
  try {
    const simulation = await Simulation.build({
      seed: terms.seed,
      epochs: terms.epochs,
      config: simulatedConfig({ RENTAL_POLICY: terms.policy }),
      accidents: 1,
      hostFailure: terms.hostFailure ?? undefined,
      crashRate: terms.crashRate,
      faults: faultsNamed(terms.faults),
      ...(dir === undefined ? {} : { storePath: join(dir, 'hybrid.sqlite') }),
      onStep: (entry) => {
        journal.push(entry);
        if (journal.length > 2 * journalLines) journal.splice(0, journalLines);
      },
      onEpoch: (done, { crashes }) => progress(io, terms, done, crashes),
    });
    const { figures, violations } = await simulation.run();
    if (io.stderr.isTTY === true) io.stderr.write('\r\u001b[K');
    const [first] = violations;
    if (first === undefined) return { figures };
    const path = writeJournalFile(terms, first, journal.slice(-journalLines));
    return {
      figures,
      told: `${first.invariant} broken at step ${first.step} (seed ${terms.seed}): ${first.sentence}\nits journal: ${path}; again: hybrid-mlnode simulate --replay ${path}`,
    };
  } finally {
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  }
}

function progress(io: CommandIo, { seed, epochs }: RunTerms, done: number, crashes: number): void {
  if (io.stderr.isTTY !== true) return;
  io.stderr.write(`\r\u001b[Kseed ${seed}: ${done} of ${epochs} epochs, ${crashes} crashes`);
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
