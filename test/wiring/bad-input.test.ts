import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { catalogue, type ErrorCode, HybridError } from '../../src/errors.ts';
import { startDaemonProcess } from '../../src/wiring/daemon-process.ts';
import { DaemonCase } from './daemon-case.ts';
import { model, silent } from './small-town.ts';

interface BadStart {
  /** What is wrong, as an operator would say it. */
  readonly wrong: string;
  readonly code: ErrorCode;
  /** What the message must name. */
  readonly names: readonly (string | RegExp)[];
  /** Changes the settings, or what they point at. */
  readonly spoil: (config: Config, town: DaemonCase['town']) => Config | Promise<Config>;
}

const withKeyFile = (config: Config, path: string): Config => ({
  ...config,
  vast: { ...config.vast, sshKeyPath: path },
});

const badStarts: readonly BadStart[] = [
  {
    wrong: 'a wrong key of the inference API',
    code: 'UPSTREAM_KEY_REFUSED',
    names: ['hyperbolic', '/v1/models', '401'],
    spoil: async (_, town) => town.config({ HYPERBOLIC_API_KEY: 'not-the-key' }),
  },
  {
    wrong: 'a model that the inference API does not have',
    code: 'UPSTREAM_MODEL_MISSING',
    names: ['hyperbolic', 'Qwen/QwQ-32B', 'HYPERBOLIC_MODEL', `it lists: `, model],
    spoil: async (_, town) => town.config({ MLNODE_INFERENCE_MODEL: 'Qwen/QwQ-32B' }),
  },
  {
    wrong: 'an SSH key that is not there',
    code: 'SSH_KEY_UNREADABLE',
    names: [/no-such-key is not there; make one with: ssh-keygen/],
    spoil: (config, town) => withKeyFile(config, join(town.dir, 'no-such-key')),
  },
  {
    wrong: 'an SSH key that cannot be read',
    code: 'SSH_KEY_UNREADABLE',
    names: [/loop cannot be read \(ELOOP\)/],
    spoil: (config, town) => {
      // Permissions mean nothing to root, who may run this test; a link to itself stops everybody.
      symlinkSync(join(town.dir, 'loop'), join(town.dir, 'loop'));
      return withKeyFile(config, join(town.dir, 'loop'));
    },
  },
  {
    wrong: 'an SSH key that is a directory',
    code: 'SSH_KEY_UNREADABLE',
    names: [/is a directory; name the key file in it/],
    spoil: (config, town) => withKeyFile(config, town.dir),
  },
  {
    wrong: 'an SSH key that is no key',
    code: 'SSH_KEY_UNREADABLE',
    names: [/notes\.txt is no private key/],
    spoil: (config, town) => {
      writeFileSync(join(town.dir, 'notes.txt'), 'buy milk\n');
      return withKeyFile(config, join(town.dir, 'notes.txt'));
    },
  },
  {
    wrong: 'a gateway port that another program has',
    code: 'PORT_IN_USE',
    names: [/127\.0\.0\.1:\d+ \(EADDRINUSE\)/],
    spoil: async (config) => ({ ...config, node: { ...config.node, gatewayPort: await takenPort() } }),
  },
  {
    wrong: 'an inspection port that another program has',
    code: 'PORT_IN_USE',
    names: [/127\.0\.0\.1:\d+ \(EADDRINUSE\)/],
    spoil: async (config) => ({ ...config, inspection: { ...config.inspection, port: await takenPort() } }),
  },
  {
    wrong: 'a STATE_DIR that cannot be made',
    code: 'STORE_BROKEN',
    names: ['STATE_DIR', /a-file\/state/],
    spoil: (config, town) => {
      writeFileSync(join(town.dir, 'a-file'), '');
      return { ...config, stateDir: join(town.dir, 'a-file', 'state') };
    },
  },
  {
    wrong: 'a store that is no database',
    code: 'STORE_BROKEN',
    names: [/hybrid\.sqlite/],
    spoil: (config, town) => {
      const stateDir = join(town.dir, 'no-database');
      mkdirSync(stateDir);
      writeFileSync(join(stateDir, 'hybrid.sqlite'), 'this is no database, '.repeat(100));
      return { ...config, stateDir };
    },
  },
  {
    wrong: 'a DEPLOYMENT_ID that is not the one of the store',
    code: 'DEPLOYMENT_MISMATCH',
    names: ['DEPLOYMENT_ID', 'somebody-else', 'small-town'],
    spoil: (config) => ({ ...config, deploymentId: 'somebody-else' }),
  },
];

describe('a start with', () => {
  let daemons: DaemonCase;
  beforeAll(async () => {
    daemons = await DaemonCase.build();
    await daemons.start();
    await daemons.stop();
  });
  afterAll(() => daemons.close());

  /** The start on the repaired settings goes on where the last good one stopped. */
  async function expectNothingLost(): Promise<void> {
    const { daemon, deploymentId } = await daemons.start();
    const opened = daemon.rows.journalSince(0, 10).find(({ rowId }) => rowId === 'service');
    expect(opened?.seq).toBe(1);
    expect(deploymentId).toBe('small-town');
    expect(await daemons.stop()).toEqual({ left: [], kept: [], returned: [] });
  }

  it.each(badStarts)('$wrong is refused with $code, and loses nothing', async ({ code, names, spoil }) => {
    const config = await spoil(await daemons.town.config(), daemons.town);
    const refused = await daemons.startWith(config).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(HybridError);
    const { code: given, message } = refused as HybridError;
    expect(given).toBe(code);
    for (const name of names) expect(message).toMatch(name);
    expect(message).not.toMatch(/canary|not-the-key/);
    expect(catalogue[code].class).toBe('operator');
    await expectNothingLost();
  });

  it('a STATE_DIR that another daemon uses is refused with STORE_LOCKED, and disturbs nobody', async () => {
    const first = await daemons.start();
    const second = startDaemonProcess(await daemons.town.config(), silent);
    await expect(second).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringMatching(new RegExp(`STATE_DIR .*/state is in use by process ${process.pid}`)),
    });
    expect((await fetch(`${first.inspectionUrl}/livez`)).status).toBe(200);
    await daemons.stop();
    await expectNothingLost();
  });

  it('a store of a newer version is refused with STORE_TOO_NEW, and is left as it was', async () => {
    const path = join((await daemons.town.config()).stateDir, 'hybrid.sqlite');
    const version = userVersion(path);
    userVersion(path, 999);
    await expect(daemons.start()).rejects.toMatchObject({
      code: 'STORE_TOO_NEW',
      message: expect.stringMatching(/hybrid\.sqlite has schema 999, this version knows \d+/),
    });
    expect(userVersion(path)).toBe(999);
    userVersion(path, version);
    await expectNothingLost();
  });
});

/** A port that somebody listens on until the test ends. */
async function takenPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function userVersion(path: string, version?: number): number {
  const database = new DatabaseSync(path);
  if (version !== undefined) database.exec(`PRAGMA user_version=${version}`);
  const read = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  database.close();
  return read;
}
