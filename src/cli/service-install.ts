import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readSettingsFile } from '../config/settings-file.ts';
import { UsageError } from './arguments.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './exit-codes.ts';

export interface Step {
  readonly sentence: string;
  readonly perform: () => void;
}

export interface InstallOptions {
  readonly io: CommandIo;
  readonly unit: string;
  readonly envPath: string;
  /** Files go below this directory, and the system is left alone. */
  readonly root: string | undefined;
  readonly isNow: boolean;
}

const user = 'hybrid-mlnode';
const home = '/etc/hybrid-mlnode';
const unitPath = '/etc/systemd/system/hybrid-mlnode.service';

/** What an installation does, in order. Throws UsageError when the settings or the key that it takes over are missing. */
export function installSteps({ io, unit, envPath, root, isNow }: InstallOptions): readonly Step[] {
  const source = resolve(io.cwd, envPath);
  const settings = readSettingsFile('/', source, io.env)?.values;
  if (settings === undefined)
    throw new UsageError(`there is no ${source}; run "hybrid-mlnode init" first, or name it with --env`);
  const below = (path: string): string => (root === undefined ? path : join(resolve(io.cwd, root), path));
  const key = keyOf(settings['VASTAI_SSH_KEY_PATH'], io, source);
  const system = root === undefined;
  return [
    ...(system ? [run(`make the system user ${user}`, userCommand())] : []),
    {
      sentence: `put the settings of ${source} into ${below(`${home}/.env`)}, readable by root and ${user} only`,
      perform: () => put(below(`${home}/.env`), moved(source, key), 0o640),
    },
    ...(key === undefined
      ? []
      : [
          {
            sentence: `put the SSH key ${key} into ${below(keyPlace(key))}`,
            perform: () => copy(key, below(keyPlace(key))),
          },
        ]),
    { sentence: `write ${below(unitPath)}`, perform: () => put(below(unitPath), unit, 0o644) },
    ...(system
      ? [
          run(`give ${home} to root and ${user}`, ['chown', '-R', `root:${user}`, home]),
          ...(key === undefined
            ? []
            : [run('give the key to the service', ['chown', `${user}:${user}`, keyPlace(key)])]),
          run('tell systemd of it', ['systemctl', 'daemon-reload']),
          ...(isNow ? [run('enable and start it', ['systemctl', 'enable', '--now', 'hybrid-mlnode'])] : []),
        ]
      : []),
  ];
}

/** Takes the steps one after the other; the first that fails is named. */
export function performSteps(steps: readonly Step[], io: CommandIo): number {
  for (const { sentence, perform } of steps) {
    try {
      perform();
    } catch (error) {
      io.stderr.write(`this step failed: ${sentence}: ${(error as Error).message}\n`);
      return exitCodes.failed;
    }
  }
  io.stderr.write('installed; systemctl status hybrid-mlnode, journalctl -u hybrid-mlnode -f\n');
  return exitCodes.ok;
}

const run = (sentence: string, [program = '', ...args]: readonly string[]): Step => ({
  sentence: `${sentence} (${[program, ...args].join(' ')})`,
  perform: () => void execFileSync(program, args, { stdio: 'inherit' }),
});

const userCommand = (): readonly string[] => [
  'sh',
  '-c',
  `id -u ${user} >/dev/null 2>&1 || useradd --system --user-group --no-create-home --shell /usr/sbin/nologin ${user}`,
];

function keyOf(path: string | undefined, io: CommandIo, source: string): string | undefined {
  if (path === undefined || path === '') return undefined;
  const home = io.env['HOME'];
  const key =
    path.startsWith('~/') && home !== undefined ? join(home, path.slice(2)) : resolve(dirname(source), path);
  if (!existsSync(key)) throw new UsageError(`VASTAI_SSH_KEY_PATH ${key} is not there`);
  return key;
}

const keyPlace = (key: string): string => `${home}/${basename(key)}`;

/** The settings as they are, but for what the service has elsewhere. */
function moved(source: string, key: string | undefined): string {
  const text = readFileSync(source, 'utf8').replaceAll(
    /^\s*(export\s+)?STATE_DIR\s*=.*$/gm,
    '# STATE_DIR is set by the unit.',
  );
  if (key === undefined) return text;
  return text.replaceAll(
    /^\s*(export\s+)?VASTAI_SSH_KEY_PATH\s*=.*$/gm,
    `VASTAI_SSH_KEY_PATH=${keyPlace(key)}`,
  );
}

function put(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, 0o600);
}
