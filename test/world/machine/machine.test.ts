import { expect, test } from 'vitest';
import { createSimulatedSsh } from '../../../src/adapters/ssh/simulated.ts';
import type { SshSession } from '../../../src/adapters/ssh/interface.ts';
import { WorldMachine, type WorldMachineOptions } from '../../../src/world/machine/machine.ts';
import { Random } from '../../../src/world/random.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';

const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample of the daemon';
const endpoint = { via: 'direct', host: '10.0.0.1', port: 40_022 } as const;
const onstart = 'PORT=18080\nnohup uvicorn api.app:app --host=127.0.0.1 --port=$PORT >/root/log 2>&1 &';

function world(more: Partial<WorldMachineOptions> & { onstart?: string } = {}) {
  const clock = new VirtualClock(1_800_000_000_000);
  const spec = {
    instanceId: 7,
    containerApiKey: 'k',
    label: 'ghm:a:b:1',
    image: 'mlnode:1',
    gpuName: 'H100 SXM',
    gpuCount: 1,
    gpuRamMb: 81_559,
    env: {},
    onstart: more.onstart ?? onstart,
    authorizedKeys: [publicKey],
    publishedPorts: [8080],
  };
  const machine = new WorldMachine({
    clock,
    random: new Random(5),
    spec,
    sshOpenMs: 1_000,
    authLateMs: 5_000,
    ...more,
  });
  const ssh = createSimulatedSsh({
    machineAt: ({ port }) => (port === 40_022 ? machine : undefined),
    publicKey,
  });
  const limits = { timeoutMs: 10_000, signal: new AbortController().signal };
  const connect = (pinnedHostKey?: string): Promise<SshSession> =>
    ssh.connect({ endpoint, ...(pinnedHostKey === undefined ? {} : { pinnedHostKey }) }, limits);
  const get = (session: SshSession, port: number, path: string) =>
    session.transport(port)({ method: 'GET', url: `http://127.0.0.1:${port}${path}`, ...limits });
  return { clock, machine, ssh, limits, connect, get };
}

test('a login succeeds once SSH is open and the late authentication is over', async () => {
  const { clock, connect, machine } = world();
  await expect(connect()).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });
  await clock.advanceBy(1_000);
  await expect(connect()).rejects.toMatchObject({ code: 'SSH_AUTH_REFUSED' });
  await clock.advanceBy(5_000);
  const session = await connect();
  expect(session.hostKey).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  machine.faults.set('hostKeyChanges', 1);
  await expect(connect(session.hostKey)).rejects.toMatchObject({ code: 'SSH_HOST_KEY_CHANGED' });
  machine.faults.set('directBroken', 1);
  await expect(connect()).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });
});

test('the server that onstart starts is refused until its start is over', async () => {
  const { clock, connect, get, machine } = world({ mlnodeStartMs: 20_000 });
  await clock.advanceBy(10_000);
  const session = await connect();
  await expect(get(session, 18_080, '/api/v1/state')).rejects.toMatchObject({ code: 'WIRE_REFUSED' });
  await clock.advanceBy(10_000);
  expect((await get(session, 18_080, '/api/v1/state')).body).toBe('{"state":"STOPPED"}');
  expect(machine.books()).toMatchObject({
    exposedPort8080: 0,
    connections: 1,
    mlnode: { starts: 1, alive: true },
  });
  machine.faults.set('dies', 1);
  await expect(get(session, 18_080, '/api/v1/state')).rejects.toMatchObject({ code: 'WIRE_REFUSED' });
});

test('nvidia-smi runs over SSH and fails with a broken driver', async () => {
  const { clock, connect, limits, machine } = world();
  await clock.advanceBy(10_000);
  const session = await connect();
  const query = 'nvidia-smi --query-gpu=name,memory.total --format=csv,noheader,nounits';
  expect(await session.exec(query, limits)).toEqual({
    exitCode: 0,
    stdout: 'NVIDIA H100 80GB HBM3, 81559\n',
    stderr: '',
  });
  machine.faults.set('gpuBroken', 1);
  expect((await session.exec(query, limits)).exitCode).toBe(9);
});

test('a port that a lost connection holds is freed by ending its holder', async () => {
  const { clock, connect, limits, machine } = world();
  await clock.advanceBy(10_000);
  const lost = await connect();
  await lost.reverse(9_400, async () => ({ status: 200, body: 'lost' }), limits.signal);
  machine.faults.set('frozen', 1);
  const pending = lost.exec('true', { ...limits, timeoutMs: 3_600_000 });
  await Promise.all([
    expect(pending).rejects.toMatchObject({ code: 'SSH_LOST' }),
    expect(lost.closed).resolves.toMatchObject({ code: 'SSH_LOST' }),
    clock.advanceBy(40_000),
  ]);
  machine.faults.set('frozen', 0);
  const next = await connect();
  await next.reverse(9_400, async () => ({ status: 200, body: 'next' }), limits.signal);
  const answer = await next.transport(9_400)({
    method: 'POST',
    url: 'http://127.0.0.1:9400/x',
    body: 'b',
    ...limits,
  });
  expect(answer).toMatchObject({ status: 200, body: 'next' });
  const again = next.reverse(9_400, async () => ({ status: 200, body: '' }), limits.signal);
  await expect(again).rejects.toMatchObject({ code: 'SSH_PORT_BUSY' });
});

test('a short freeze delays answers and loses nothing', async () => {
  const { clock, connect, limits, machine } = world();
  await clock.advanceBy(10_000);
  const session = await connect();
  machine.faults.set('frozen', 1);
  const answer = session.exec('echo late', limits);
  await clock.advanceBy(5_000);
  machine.faults.set('frozen', 0);
  expect((await answer).stdout).toBe('late\n');
});

test('onstart destroys its own instance when its sleep is over, again and again', async () => {
  let destroys = 0;
  const deadman = 'sleep 3600\nwhile :; do curl -X DELETE "$URL"; sleep 60; done';
  const { clock, machine } = world({ onstart: deadman, selfDestroy: () => (destroys += 1) });
  await clock.advanceBy(3_599_000);
  expect(destroys).toBe(0);
  await clock.advanceBy(61_000);
  expect(destroys).toBe(2);
  machine.close();
  await clock.advanceBy(600_000);
  expect(destroys).toBe(2);
});

test('a server on port 8080 or on every address counts as exposed', async () => {
  const { clock, machine } = world({ onstart: 'uvicorn api.app:app --host 0.0.0.0 --port 8080' });
  await clock.advanceBy(60_000);
  expect(machine.books()).toMatchObject({ exposedPort8080: 1 });
});
