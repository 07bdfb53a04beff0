import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of the table: what is played, by which options of `hybrid-mlnode simulate`. */
export interface CostRun {
  readonly network: string;
  readonly policy: string;
  readonly options: string;
}

/** Of every run: a hundred epochs, one seed, one rental in five that never becomes usable. */
export const commonOptions = '--epochs 100 --seed 1 --host-failure 0.2';

export const costRuns: readonly CostRun[] = [
  { network: 'PoC v1', policy: 'auto = sprint', options: '--chain v1' },
  { network: 'PoC v1', policy: 'sprint, three machines', options: '--chain v1 --fleet 3' },
  { network: 'PoC v1', policy: 'epoch, default caps', options: '--chain v1 --policy epoch' },
  { network: 'PoC v1', policy: 'the earlier automation', options: '--chain v1 --policy predecessor' },
  { network: 'v1, confirmation PoC', policy: 'sprint', options: '--chain v1-confirmation --policy sprint' },
  { network: 'v1, confirmation PoC', policy: 'auto = epoch', options: '--chain v1-confirmation' },
  { network: 'PoC v2', policy: 'auto = sprint', options: '--chain v2' },
  { network: 'v2, confirmation PoC', policy: 'sprint', options: '--chain v2-confirmation --policy sprint' },
  { network: 'v2, confirmation PoC', policy: 'auto = epoch', options: '--chain v2-confirmation' },
];

export const marks = {
  begin: '<!-- Figures, written by `node docs/costs.ts`. -->',
  end: '<!-- End of figures. -->',
};

/** What a line shows of `simulate --json` (docs/reference/simulation.md "Figures"). */
interface Shown {
  readonly epochs: number;
  readonly missed: number;
  readonly epochsUnrewarded: number;
  readonly instances: number;
  readonly costUsd: number;
  readonly leakedInstances: number;
  readonly costUsdPer1000Nonces: number | null;
  readonly paidOverUseful: number | null;
}

/** What a reader types. */
export const commandOf = ({ options }: CostRun): string =>
  `hybrid-mlnode simulate ${commonOptions} ${options}`;

function figuresOf({ options }: CostRun): Shown {
  const program = join(import.meta.dirname, '../src/main.ts');
  const args = [program, 'simulate', ...commonOptions.split(' '), ...options.split(' '), '--json'];
  // A run that misses too much, as one whose caps are too small, ends with 1, and tells its figures all the same.
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 300_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (status !== 0 && status !== 1) throw new Error(`${args.slice(1).join(' ')}: exit code ${status}`);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Shown;
}

function lineOf(run: CostRun, shown: Shown): string {
  const cells = [
    run.network,
    run.policy,
    shown.missed,
    shown.epochsUnrewarded,
    `${shown.instances}${shown.leakedInstances > 0 ? `, ${shown.leakedInstances} leaked` : ''}`,
    (shown.costUsd / shown.epochs).toFixed(2),
    shown.costUsdPer1000Nonces?.toFixed(2) ?? '–',
    shown.paidOverUseful?.toFixed(2) ?? '–',
    `\`${run.options}\``,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The page with these lines in place of the ones between its marks. */
function withTable(page: string, lines: readonly string[]): string {
  const before = page.split(marks.begin)[0] ?? '';
  const after = page.split(marks.end)[1] ?? '';
  const head =
    '| Network | Policy | PoCs missed | Epochs unrewarded | Machines rented | $ an epoch | $ for 1000 nonces | Paid over useful | Options |';
  const rule = '| --- | --- | --- | --- | --- | --- | --- | --- | --- |';
  return `${before}${marks.begin}\n\n${[head, rule, ...lines].join('\n')}\n\n${marks.end}${after}`;
}

if (import.meta.main) {
  const path = join(import.meta.dirname, 'costs.md');
  const lines = costRuns.map((run) => {
    process.stderr.write(`${commandOf(run)}\n`);
    return lineOf(run, figuresOf(run));
  });
  writeFileSync(path, withTable(readFileSync(path, 'utf8'), lines));
}
