import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createHyperbolicUpstream } from '../adapters/upstream/index.ts';
import { loadConfig } from '../config/load.ts';
import { Secret } from '../secret.ts';
import { parseArguments, UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import type { Finding } from './doctor/finding.ts';
import { exitCodes } from './exit-codes.ts';
import { writeEnvFile } from './init/env-file.ts';
import { givenValues, ownValues, secretOptions, settingOptions } from './init/given-values.ts';
import type { Prompter } from './init/prompter.ts';
import { askQuestions } from './init/questions.ts';
import { makeSshKeyFile } from './init/ssh-key-file.ts';
import { keyFindings } from './init/key-findings.ts';
import { createPaint } from './paint.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode init [options]

Makes a node ready to start: asks for what it needs, tests each key at its service, makes an SSH key, and writes the
settings to .env, which only you can read. Without a terminal, or with --yes, nothing is asked: keys then come from the
environment or from files, the rest from options. Run it again to change something; what is set already lies ready.

Options:
  --hyperbolic-key-file <path>  file with the key of the inference API, - for stdin (else HYPERBOLIC_API_KEY)
  --vast-key-file <path>        file with the Vast.ai key, - for stdin (else VASTAI_API_KEY)
  --vps-ip <address>            this host as the Network Node reaches it (default: its first address)
  --admin-url <url>             admin API of the Network Node (default http://localhost:9200)
  --callback-url <origin>       its port 9100 as this host reaches it
  --chain-url <urls>            sources of epochs/latest, comma separated
  --base-url <url>              the inference API (default https://api.hyperbolic.xyz)
  --model <id>                  governance model that the node presents
  --node-id <id>                id at the Network Node (default hybrid-mlnode-1)
  --policy <name>               auto, epoch, sprint or off
  --max-price <dollars>         of a machine in an hour
  --daily-cap <dollars>         of all machines in a day
  --ssh-key <path>              private key for the machines; made where there is none
  --state-dir <path>            of the store
  --set <NAME=value>            any other setting; may be repeated
  --output <path>               the file (default .env)
  --overwrite                   replace the file without asking; what it was is kept as <path>.before
  --no-test                     do not call anybody
  --yes                         ask nothing
  --json                        {"env","sshKey","deploymentId","checks":[...]} on stdout

Examples:
  hybrid-mlnode init
  HYPERBOLIC_API_KEY=… VASTAI_API_KEY=… hybrid-mlnode init --yes --vps-ip 10.0.0.21
  hybrid-mlnode init --yes --vast-key-file ~/vast.key --hyperbolic-key-file - < hyperbolic.key

Exit codes: 0 written, 1 a key is refused by its service (nothing is written), 2 wrong arguments or settings,
130 cancelled.
`;

export const command: Command = {
  name: 'init',
  summary: 'Ask for what the node needs, test it, and write the settings.',
  help: help.trimStart(),
  run: async (args, io) => {
    const isAsking = io.isInteractive === true && !args.includes('--yes');
    const prompter = isAsking ? (await import('./init/clack-prompter.ts')).createClackPrompter() : undefined;
    return runInit(args, io, prompter);
  },
};

/** `prompter`: who asks; undefined asks nothing. */
export async function runInit(
  args: string[],
  io: CommandIo,
  prompter: Prompter | undefined,
): Promise<number> {
  const { values } = parseArguments(args, {
    ...texts(settingOptions),
    ...texts(secretOptions),
    set: { type: 'string', multiple: true, default: [] },
    output: { type: 'string', default: '.env' },
    overwrite: { type: 'boolean', default: false },
    'no-test': { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const envPath = resolve(io.cwd, values.output);
  const given = await givenValues({ options: values, set: values.set, envPath }, io);
  await mayWrite(envPath, values.overwrite, prompter);
  let settled = ownValues(given, io);
  if (prompter !== undefined)
    settled = await withModel(prompter, new Map(await askQuestions(prompter, settled)));
  const { config, warnings } = loadConfig({
    env: { ...home(io), ...Object.fromEntries(settled) },
    cwd: io.cwd,
    files: [],
  });
  const isKeyMade = config.rental.policy !== 'off' && makeSshKeyFile(config.vast.sshKeyPath);
  const findings = values['no-test'] ? [] : await whileWanted(io, (signal) => keyFindings(config, signal));
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  tell(findings, io);
  const refused = findings.filter(({ level }) => level === 'error');
  const goesOn =
    refused.length === 0 ||
    (prompter !== undefined && (await prompter.confirm('Write the settings all the same?')));
  if (!goesOn) {
    io.stderr.write('nothing was written (--no-test writes without asking the services)\n');
    return exitCodes.failed;
  }
  const former = writeEnvFile(envPath, settled);
  const { sshKeyPath } = config.vast;
  const done = {
    env: envPath,
    sshKey: sshKeyPath,
    isKeyMade,
    deploymentId: config.deploymentId,
    checks: findings,
  };
  if (values.json) io.stdout.write(`${JSON.stringify(done)}\n`);
  if (former !== undefined) io.stderr.write(`what was in ${envPath} is kept as ${former}\n`);
  io.stderr.write(`wrote ${envPath}${isKeyMade ? `, made the SSH key ${sshKeyPath}` : ''}\n`);
  io.stderr.write('next: hybrid-mlnode doctor, then hybrid-mlnode start\n');
  return exitCodes.ok;
}

type TextOptions<Table> = { [Option in keyof Table]: { type: 'string' } };
const texts = <Table extends object>(table: Table): TextOptions<Table> =>
  Object.fromEntries(Object.keys(table).map((name) => [name, { type: 'string' }])) as TextOptions<Table>;

const home = ({ env }: CommandIo): Record<string, string> =>
  env['HOME'] === undefined ? {} : { HOME: env['HOME'] };

async function mayWrite(path: string, isOverwrite: boolean, prompter: Prompter | undefined): Promise<void> {
  if (isOverwrite || !existsSync(path)) return;
  if (prompter !== undefined && (await prompter.confirm(`${path} exists. Change it? (a copy is kept)`)))
    return;
  throw new UsageError(`${path} exists and was not touched; --overwrite replaces it and keeps a copy`);
}

/** The models that the API lists, to choose from; a key that is refused leaves a free text for the default. */
async function withModel(prompter: Prompter, values: Map<string, string>): Promise<Map<string, string>> {
  const baseUrl = values.get('HYPERBOLIC_BASE_URL') ?? 'https://api.hyperbolic.xyz';
  const key = new Secret(values.get('HYPERBOLIC_API_KEY') ?? '');
  const { upstream } = createHyperbolicUpstream({ name: 'hyperbolic', baseUrl, key });
  const models = await upstream.models(AbortSignal.timeout(10_000)).catch(() => []);
  if (models.length === 0) return values;
  const listed = models.map(({ id, inputUsdPerMillion: price }) => ({
    value: id,
    label: price === null ? id : `${id}, $${price} a million tokens`,
  }));
  const own = values.get('MLNODE_INFERENCE_MODEL') ?? values.get('HYPERBOLIC_MODEL');
  // The network may know by another name what the API serves.
  const isUnlisted = own !== undefined && !models.some(({ id }) => id === own);
  const options = isUnlisted ? [{ value: own, label: `${own}, as it is set` }, ...listed] : listed;
  const wanted = own ?? options[0]?.value ?? '';
  return new Map(values).set(
    'MLNODE_INFERENCE_MODEL',
    await prompter.choose(
      'Model that the node presents (a governance model of the network)',
      options,
      wanted,
    ),
  );
}

function tell(findings: readonly Finding[], io: CommandIo): void {
  const paint = createPaint(io.stderr, io.env);
  const colours = { ok: 'green', warning: 'yellow', error: 'red' } as const;
  for (const { check, level, message, fix } of findings) {
    io.stderr.write(
      `${paint[colours[level]](level.padEnd(7))}  ${check}: ${message}${fix === undefined ? '' : ` (${fix})`}\n`,
    );
  }
}
