import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import { capturedIo } from './captured-io.ts';
import { makeEd25519Key } from '../../src/sandbox/ed25519-key.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hybrid-start-'));
  mkdirSync(join(dir, 'state'));
  writeFileSync(join(dir, 'key'), makeEd25519Key().private, { mode: 0o600 });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** What an earlier life of the daemon found out about the network. */
function learnt(expectedPerEpoch: number): void {
  const store = openSqliteStore(join(dir, 'state/hybrid.sqlite'));
  const known = { expectedPerEpoch, isPocV2Enabled: null, wasEventSeen: false };
  store.meta.set('network.knowledge', JSON.stringify(known));
  store.close();
}

/** Everything that a start says until it is up; its neighbours are all away. */
async function said(policy: string): Promise<string> {
  const io = capturedIo({
    cwd: dir,
    env: {
      HOME: dir,
      STATE_DIR: join(dir, 'state'),
      DEPLOYMENT_ID: 'start-test',
      RENTAL_POLICY: policy,
      REGISTRATION: 'off',
      LOG_LEVEL: 'silent',
      HYPERBOLIC_API_KEY: 'upstream-canary',
      HYPERBOLIC_BASE_URL: 'http://127.0.0.1:9',
      GONKA_NETWORK_NODE_URL: 'http://127.0.0.1:9',
      GONKA_ADMIN_API_URL: 'http://127.0.0.1:9',
      VASTAI_API_KEY: 'vast-canary',
      VASTAI_BASE_URL: 'http://127.0.0.1:9',
      VASTAI_SSH_KEY_PATH: join(dir, 'key'),
      GATEWAY_HOST: '127.0.0.1',
      HYPERBOLIC_PROXY_PORT: `${await freePort()}`,
      INSPECTION_PORT: `${await freePort()}`,
    },
  });
  const running = dispatch(['start', '--log-json'], io);
  await expect.poll(() => io.err(), { timeout: 10_000 }).toContain('rental policy');
  const text = io.err();
  io.stop('SIGTERM');
  expect(await running).toBe(0);
  return text;
}

describe('start on a chain that runs confirmation PoC', () => {
  it('warns of a sprint, and says what it costs', async () => {
    learnt(2);
    const text = await said('sprint');
    expect(text).toContain(
      "warning: RENTAL_POLICY=sprint, and the chain's parameters expect 2 confirmation PoCs an epoch",
    );
    expect(text).toContain('the whole epoch earns nothing');
  });

  it('warns of a sprint before anything is known too', async () => {
    expect(await said('sprint')).toContain('warning: RENTAL_POLICY=sprint, and nothing says whether');
  });

  it.each(['auto', 'epoch', 'off'])('has nothing to say against %s', async (policy) => {
    learnt(2);
    expect(await said(policy)).not.toContain('warning: RENTAL_POLICY');
  });

  it('has nothing against a sprint where none is expected', async () => {
    learnt(0);
    expect(await said('sprint')).not.toContain('warning: RENTAL_POLICY');
  });
});
