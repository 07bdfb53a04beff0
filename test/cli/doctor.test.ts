import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOfetchTransport } from '../../src/adapters/ofetch-transport.ts';
import { createHttpVast } from '../../src/adapters/vast/index.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { operatorSettings } from '../../src/cli/operator-settings.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { capturedIo } from './captured-io.ts';
import { doctorIn, named } from './doctor-case.ts';
import { type OperatorTown, operatorTown } from './operator-town.ts';

let town: OperatorTown;
beforeEach(async () => {
  town = await operatorTown();
});
afterEach(() => town.close());

const doctor = (changes: Readonly<Record<string, string>> = {}) => doctorIn(town, changes);

describe('the doctor, where all is well', () => {
  it('finds no error, warns only of the SSH key that the first rental adds, and leaves everything as it was', async () => {
    const { code, report } = await doctor();
    expect(named(report, 'error')).toEqual([]);
    expect(named(report, 'warning')).toEqual(['vast.sshKey']);
    expect(code).toBe(0);
    const books = (await (await fetch(`${town.url('vast')}/sandbox/books`)).json()) as {
      instancesCreated: number;
    };
    expect(books.instancesCreated).toBe(0);
    expect((await doctor()).report.checks.find(({ check }) => check === 'vast.sshKey')?.level).toBe(
      'warning',
    );
  });

  it('prints a line a check for a person, and the way out under what is not well', async () => {
    const io = capturedIo({ env: town.env, cwd: town.dir });
    expect(await dispatch(['doctor'], io)).toBe(0);
    expect(io.out()).toMatch(/^ok +node: Node /m);
    expect(io.out()).toMatch(/^warning +vast\.sshKey: .*\n +→ /m);
    expect(io.err()).toContain('errors: 0, warnings: 1');
    expect(io.out() + io.err()).not.toContain('canary');
  });
});

/** What is broken → the check that has to name it, and what it says. */
const broken: readonly (readonly [
  title: string,
  check: string,
  words: RegExp,
  breakIt: () => Promise<Readonly<Record<string, string>> | void>,
])[] = [
  ['a chain that nobody serves', 'chain', /CHAIN_UNREACHABLE/, () => town.end('chain')],
  ['a chain that answers HTML', 'chain', /CHAIN_BAD_ANSWER/, () => town.fault('chain', 'html', 1)],
  [
    'a chain that says nothing',
    'chain',
    /CHAIN_UNREACHABLE/,
    async () => {
      await town.fault('chain', 'silent', 1);
      return { GONKA_API_TIMEOUT: '1' };
    },
  ],
  [
    'an admin API that nobody serves',
    'admin',
    /NETWORK_NODE_UNREACHABLE/,
    async () => {
      // Its callback port ends with it, so another one stands in for that.
      const standIn = await callbackPort(400);
      await town.end('networkNode');
      return { GONKA_CALLBACK_URL: standIn };
    },
  ],
  [
    'an admin URL that leads elsewhere',
    'admin',
    /NETWORK_NODE_BAD_ANSWER/,
    async () => ({
      GONKA_ADMIN_API_URL: town.url('upstream'),
    }),
  ],
  [
    'a callback port that nobody serves',
    'callback',
    /WIRE_REFUSED/,
    async () => ({
      GONKA_CALLBACK_URL: 'http://127.0.0.1:9',
    }),
  ],
  [
    'a callback URL that takes everything',
    'callback',
    /answers 200, not as the callback port/,
    async () => ({
      GONKA_CALLBACK_URL: await callbackPort(200),
    }),
  ],
  [
    'an inference API that is down',
    'inference.hyperbolic',
    /UPSTREAM_UNREACHABLE/,
    () => town.end('upstream'),
  ],
  [
    'a key that the inference API refuses',
    'inference.hyperbolic',
    /UPSTREAM_KEY_REFUSED/,
    async () => ({
      HYPERBOLIC_API_KEY: 'another-canary',
    }),
  ],
  [
    'a model that the inference API does not serve',
    'inference.hyperbolic',
    /does not list org\/unknown/,
    async () => ({
      MLNODE_INFERENCE_MODEL: 'org/unknown',
    }),
  ],
  ['Vast.ai down', 'vast.key', /VAST_UNREACHABLE/, () => town.fault('vast', 'down', 1)],
  [
    'a key that Vast.ai refuses',
    'vast.key',
    /VAST_KEY_REFUSED/,
    async () => ({ VASTAI_API_KEY: 'another-canary' }),
  ],
  ['an account without credit', 'vast.credit', /of credit/, async () => ({ VASTAI_MAX_PRICE: '90' })],
  ['instances of ours that nobody looks after', 'vast.instances', /no daemon looks after/, () => rentOurs()],
  [
    'an SSH key that is not there',
    'sshKey',
    /SSH_KEY_UNREADABLE/,
    async () => ({
      VASTAI_SSH_KEY_PATH: join(town.dir, 'no-such-key'),
    }),
  ],
  [
    'a gateway port that is taken',
    'gateway.port',
    /EADDRINUSE/,
    async () => ({
      HYPERBOLIC_PROXY_PORT: new URL(await callbackPort(200)).port,
    }),
  ],
  [
    'an inspection port that something else holds',
    'inspection.port',
    /EADDRINUSE/,
    async () => ({
      INSPECTION_PORT: new URL(town.url('chain')).port,
    }),
  ],
  [
    'a store of another deployment',
    'state.deployment',
    /belongs to somebody-else/,
    async () => {
      mkdirSync(join(town.dir, 'state'));
      const store = openSqliteStore(join(town.dir, 'state', 'hybrid.sqlite'));
      store.meta.set('deployment_id', 'somebody-else');
      store.close();
    },
  ],
  [
    'a host name that does not resolve',
    'address',
    /does not resolve/,
    async () => ({ VPS_IP: 'no-such-host.invalid' }),
  ],
];

const servers: (() => void)[] = [];
afterEach(() => {
  for (const close of servers.splice(0)) close();
});

/** Somebody who answers every post with that status. */
async function callbackPort(status: number): Promise<string> {
  const server = createServer((_, reply) => reply.writeHead(status).end());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  servers.push(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

/** As a daemon of this deployment would have, before it was lost. */
async function rentOurs(): Promise<void> {
  const { config, clock } = operatorSettings({ ...capturedIo(), env: town.env, cwd: town.dir });
  const { baseUrl, apiKey } = config.vast;
  const vast = createHttpVast({ baseUrl, apiKey, clock, transport: createOfetchTransport() });
  const signal = AbortSignal.timeout(5_000);
  const needs = { ...config.vast, durationSecondsMin: 86_400 };
  const [offer] = await vast.search(needs, signal);
  await vast.create(
    {
      offerId: offer?.offerId ?? 0,
      label: 'ghm:operator-town:01J00000000000000000000000:1',
      image: config.vast.image,
      diskGb: config.vast.diskGb,
      onstart: 'true',
      env: {},
    },
    signal,
  );
}

describe('the doctor, where one thing is broken', () => {
  it.each(broken)('names %s', async (_, check, words, breakIt) => {
    const { code, report } = await doctor((await breakIt()) ?? {});
    const found = report.checks.filter((finding) => finding.check === check && finding.level === 'error');
    expect(found.map(({ message }) => message).join('\n')).toMatch(words);
    expect(found.every(({ fix }) => (fix ?? '') !== '')).toBe(true);
    expect(code).toBe(1);
    // Who asks an API that leads elsewhere is told of it once, and of nothing else.
    const others = named(report, 'error').filter((name) => name !== check && name !== 'daemon');
    expect(others).toEqual([]);
  });
});

it('an unreadable settings file is named', async () => {
  writeFileSync(join(town.dir, '.env'), 'this is no setting\n');
  const io = capturedIo({ env: town.env, cwd: town.dir });
  expect(await dispatch(['doctor'], io)).toBe(2);
  expect(io.out()).toContain('.env, line 1');
});
