import { parseArgs } from 'node:util';
import { availableCores } from './cores.ts';
import { gatewayBench } from './gateway-bench.ts';
import { machineOf } from './machine.ts';
import { findNginx, nginxInstall } from './nginx.ts';
import { writePage } from './page.ts';
import { planOf } from './plan.ts';
import { profileGateway } from './profile.ts';
import { disturbedShare, figuresOf, rounded, tableOf } from './report.ts';

const usage = `npm run bench -- gateway [--quick] [--json] [--rounds N] [--page]
npm run bench -- profile

gateway   measures the gateway against nginx; --quick in less than 50 s, --json ends with one JSON line,
          --page writes the table to docs/reference/benchmarks.md
profile   shows where the gateway's CPU time goes, with plain JSON and with streams`;

process.exitCode = await main();

async function main(): Promise<number> {
  const read = argumentsOf(process.argv.slice(2));
  if (read === undefined) return fail(usage, 64);
  const cores = availableCores();
  if (cores === undefined)
    return fail('The bench needs Linux, two cores and taskset: apt-get install util-linux', 69);
  if (read.command === 'profile') {
    await profileGateway(cores);
    return 0;
  }
  const nginx = findNginx();
  if (nginx === undefined) return fail(`The yardstick is missing: ${nginxInstall}`, 69);
  const plan = planOf(read.isQuick, read.rounds);
  const startedMs = performance.now();
  const results = await gatewayBench({
    cores,
    nginxPath: nginx.path,
    plan,
    tell: (result) => {
      if (read.isJson) console.log(JSON.stringify(result, roundedNumbers));
      else console.error(`${result.name} measured after ${secondsSince(startedMs)} s`);
    },
  });
  const disturbed = disturbedShare(results);
  if (disturbed > 0.03)
    console.error(
      `Others had the core for ${Math.round(disturbed * 100)} % of the time: these figures are noise.`,
    );
  const machine = machineOf(nginx.version, plan);
  if (read.isPage) writePage(tableOf(results), machine);
  if (!read.isJson) console.log(tableOf(results));
  if (read.isJson) {
    console.log(JSON.stringify({ ...figuresOf(results), seconds: secondsSince(startedMs), machine }));
  }
  return 0;
}

function secondsSince(startedMs: number): number {
  return Math.round((performance.now() - startedMs) / 1_000);
}

function roundedNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' ? rounded(value) : value;
}

interface Arguments {
  readonly command: 'gateway' | 'profile';
  readonly isQuick: boolean;
  readonly isJson: boolean;
  readonly isPage: boolean;
  readonly rounds: number | undefined;
}

/** Undefined for anything that is not in the usage. */
function argumentsOf(args: readonly string[]): Arguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        page: { type: 'boolean', default: false },
        rounds: { type: 'string' },
      },
    });
    const [command] = positionals;
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    const isWrong = rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0);
    if ((command !== 'gateway' && command !== 'profile') || positionals.length > 1 || isWrong)
      return undefined;
    return { command, isQuick: values.quick, isJson: values.json, isPage: values.page, rounds };
  } catch {
    return undefined;
  }
}

function fail(text: string, code: number): number {
  console.error(text);
  return code;
}
