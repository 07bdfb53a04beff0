import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { settingOf, settings } from '../../config/names.ts';
import { readSettingsFile } from '../../config/settings-file.ts';
import { HybridError } from '../../errors.ts';
import { UsageError } from '../arguments.ts';
import type { CommandIo } from '../command.ts';
import { readLine } from '../stdin-line.ts';
import { storedDeployment } from '../deployment-of.ts';
import { problemOf } from './questions.ts';

/** Options of `init` that stand for a setting. */
export const settingOptions = {
  'vps-ip': 'VPS_IP',
  'admin-url': 'GONKA_ADMIN_API_URL',
  'chain-url': 'GONKA_NETWORK_NODE_URL',
  'callback-url': 'GONKA_CALLBACK_URL',
  'base-url': 'HYPERBOLIC_BASE_URL',
  model: 'MLNODE_INFERENCE_MODEL',
  'node-id': 'MLNODE_ID',
  policy: 'RENTAL_POLICY',
  'max-price': 'VASTAI_MAX_PRICE',
  'daily-cap': 'MAX_DAILY_SPEND',
  'ssh-key': 'VASTAI_SSH_KEY_PATH',
  'state-dir': 'STATE_DIR',
} as const;

/** Options that name a file with a secret, so that none stands on a command line. */
export const secretOptions = {
  'hyperbolic-key-file': 'HYPERBOLIC_API_KEY',
  'vast-key-file': 'VASTAI_API_KEY',
} as const;

export interface GivenOptions {
  /** By option name. */
  readonly options: Readonly<Record<string, unknown>>;
  /** `NAME=value`. */
  readonly set: readonly string[];
  /** Absolute. */
  readonly envPath: string;
}

/**
 * Everything that is known without asking: what the file has already, then the process environment, then options.
 * Throws UsageError for an option that is wrong.
 */
export async function givenValues(
  { options, set, envPath }: GivenOptions,
  io: CommandIo,
): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(readSettingsFile('/', envPath, io.env)?.values ?? {}))
    values.set(name, value);
  for (const { name, state, filesOnly } of settings) {
    const value = io.env[name]?.trim();
    if (state === 'honoured' && filesOnly !== true && value !== undefined && value !== '')
      values.set(name, value);
  }
  for (const [option, name] of Object.entries(secretOptions)) {
    const file = options[option];
    if (typeof file === 'string') values.set(name, await secretOf(option, file, io));
  }
  for (const [option, name] of Object.entries(settingOptions)) {
    const value = options[option];
    if (typeof value === 'string') put(values, `--${option}`, name, value);
  }
  for (const pair of set) {
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=([^\n]*)$/.exec(pair) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`--set wants NAME=value; it is "${pair.split('=')[0]}"`);
    put(values, '--set', name, value);
  }
  return values;
}

/** What a host has by itself, where nobody said otherwise. */
export function ownValues(
  values: ReadonlyMap<string, string>,
  io: Pick<CommandIo, 'env' | 'cwd'>,
): Map<string, string> {
  const home = io.env['HOME'];
  const place = home === undefined || home === '' ? io.cwd : join(home, '.ssh');
  const stateDir =
    values.get('STATE_DIR') ??
    (home === undefined ? join(io.cwd, '.state') : join(home, '.local/state/hybrid-mlnode'));
  const own: Readonly<Record<string, () => string | undefined>> = {
    VPS_IP: firstAddress,
    VASTAI_SSH_KEY_PATH: () => join(place, 'hybrid-mlnode_ed25519'),
    DEPLOYMENT_ID: () =>
      storedDeployment(resolve(io.cwd, stateDir)) ?? `ghm-${randomBytes(4).toString('hex')}`,
  };
  const whole = new Map(values);
  for (const [name, guess] of Object.entries(own)) {
    if (whole.has(name)) continue;
    const value = guess();
    if (value !== undefined) whole.set(name, value);
  }
  return whole;
}

function put(values: Map<string, string>, option: string, name: string, value: string): void {
  const problem = problemOf(name, value);
  if (problem !== undefined)
    throw new UsageError(
      settingOf(name) === undefined ? `${option}: ${name} ${problem}` : `${option} (${name}) ${problem}`,
    );
  values.set(name, value);
}

async function secretOf(option: string, file: string, io: CommandIo): Promise<string> {
  const text =
    file === '-' ? await readLine(io.stdin[Symbol.asyncIterator]()) : readSecret(resolve(io.cwd, file));
  const secret = text.trim();
  if (secret === '') throw new UsageError(`--${option}: there is nothing in it`);
  return secret;
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new HybridError(
      { code: 'CONFIG_UNREADABLE', message: `${path} cannot be read (${code})` },
      { cause: error },
    );
  }
}

/** The first address of this host that is not loopback. */
const firstAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
