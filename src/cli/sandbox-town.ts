import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildTown, type Town, type TownOptions } from '../sandbox/town.ts';
import { UsageError } from './arguments.ts';
import type { CommandIo } from './command.ts';
import { type EnvValues, writeEnvFile } from './init/env-file.ts';
import type { Served } from './sandbox-neighbour.ts';

/** World seconds in a real one: an epoch lasts two minutes, a machine boots in one. */
export const townSpeed = 20;
/** Time for `init` and `doctor` before the first PoC. */
const blocksBeforePoc = 300;
const startHeight = 2_089_000;
/** Short, so that a person sees more than one. */
const epochLength = 420;

export interface ServeTownOptions extends TownOptions {
  /** File for the settings that lead into this town; undefined writes none. */
  readonly settingsPath: string | undefined;
}

export interface ServedTown extends Served {
  /** By neighbour. */
  readonly ports: Readonly<Record<string, number>>;
  /** What a daemon here needs, unless it went to the file. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Serves every neighbour at once, for whoever wants to go through `init`, `doctor` and `start` without a key. Throws
 * UsageError where the settings file exists: it may be a real one.
 */
export async function serveTown(
  { settingsPath, ...options }: ServeTownOptions,
  io: Pick<CommandIo, 'cwd' | 'stderr'>,
): Promise<ServedTown> {
  const path = settingsPath === undefined ? undefined : resolve(io.cwd, settingsPath);
  if (path !== undefined && existsSync(path))
    throw new UsageError(`${path} exists and was not touched: take an empty folder, or another name`);
  const isShort = options.flavour === undefined || options.flavour === 'v1';
  const town = await buildTown({
    ...options,
    chain: {
      startHeight,
      firstPocStartHeight: startHeight + blocksBeforePoc,
      ...(isShort ? { params: { epochLength } } : {}),
      ...options.chain,
    },
  });
  const settings = operatorSettings(town);
  if (path !== undefined) {
    writeEnvFile(path, settings, 'sandbox town');
    io.stderr.write(
      `wrote ${path}; this town lives until Ctrl-C. In another terminal, in the folder of that file:\n` +
        '  hybrid-mlnode init --overwrite   # every answer lies ready, the two keys too\n' +
        '  hybrid-mlnode doctor\n' +
        '  hybrid-mlnode start\n',
    );
  }
  const ports = [town.chain, town.networkNode, town.vast, town.upstream].map(
    ({ name, ready }): [string, number] => [name, ready.port],
  );
  return {
    port: town.networkNode.ready.port,
    ports: Object.fromEntries(ports),
    ...(path === undefined ? { settings: Object.fromEntries(settings) } : {}),
    close: () => town.close(),
  };
}

/** What leads into the town; a deployment and an SSH key are made by `init`. Store and key end with the town. */
function operatorSettings(town: Town): EnvValues {
  const { DEPLOYMENT_ID: _, ...env } = town.env;
  return new Map(
    Object.entries({
      ...env,
      GONKA_CALLBACK_URL: `http://127.0.0.1:${String(town.networkNode.ready['callbackPort'])}`,
      VASTAI_SSH_KEY_PATH: join(town.dir, 'operator_ed25519'),
    }),
  );
}
