import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { onstartText } from '../../src/wiring/machine/onstart.ts';
import { portReleaseCommand } from '../../src/adapters/ssh/port-release.ts';
import { serveMachine, type ServedMachine } from '../../src/sandbox/machine.ts';
import type { MachineStart } from '../../src/sandbox/machine-start.ts';
import {
  containerApiKey,
  ed25519,
  eventually,
  exec,
  get,
  login,
  machineStart,
  openChannel,
  reverse,
  rsa,
  type Login,
  type Posted,
} from './machine-client.ts';

const serving: ServedMachine[] = [];
const logins: Login[] = [];
afterEach(async () => {
  for (const { client } of logins.splice(0)) client.destroy();
  await Promise.all(serving.splice(0).map((machine) => machine.close()));
});

async function machine(more: Partial<MachineStart> = {}): Promise<ServedMachine> {
  const served = await serveMachine({
    port: 0,
    speed: 1,
    originMs: Date.now(),
    seed: 1,
    ...machineStart(more),
  });
  serving.push(served);
  return served;
}
async function enter(port: number, more: Parameters<typeof login>[1] = {}): Promise<Login> {
  const entered = await login(port, more);
  logins.push(entered);
  return entered;
}
async function control(served: ServedMachine, path: string, body?: object): Promise<Record<string, unknown>> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`http://127.0.0.1:${served.port}/sandbox/${path}`, init);
  return (await answer.json()) as Record<string, unknown>;
}
const fault = (served: ServedMachine, name: string, value: number) =>
  control(served, 'faults', { name, value });

const startServer = 'nohup uvicorn api.app:app --host=127.0.0.1 --port=18080 >$HOME/server.log 2>&1 &';

test('root logs in with an ed25519 key and with an RSA key, over both paths to the same machine', async () => {
  const served = await machine();
  const direct = await enter(served.directPort);
  const proxied = await enter(served.sshPort, { privateKey: rsa.private });
  expect(direct.banner).toContain('If authentication fails, try again after a few seconds');
  expect(proxied.hostKey).toBe(direct.hostKey);
  expect((await exec(direct.client, 'echo here >$HOME/mark')).code).toBe(0);
  expect((await exec(proxied.client, 'cat $HOME/mark; exit 3')).stdout).toBe('here\n');
  expect(await control(served, 'books')).toMatchObject({ instanceId: 4711, connections: 2 });
});

test('other users and unknown keys are refused; a key attached later is taken', async () => {
  const served = await machine({ authorizedKeys: [ed25519.public] });
  await expect(enter(served.sshPort, { username: 'ubuntu' })).rejects.toThrow(
    /authentication methods failed/,
  );
  await expect(enter(served.sshPort, { privateKey: rsa.private })).rejects.toThrow(
    /authentication methods failed/,
  );
  await control(served, 'keys', { key: rsa.public });
  await expect(enter(served.sshPort, { privateKey: rsa.private })).resolves.toBeDefined();
});

test('keys are refused until the late authentication is over', async () => {
  const served = await machine({ authLateMs: 400 });
  await expect(enter(served.directPort)).rejects.toThrow(/authentication methods failed/);
  const entered = await eventually(() => enter(served.directPort).catch(() => undefined));
  expect((await exec(entered.client, 'true')).code).toBe(0);
});

test('onstart runs in exactly the environment of the container, SSH commands do not see it', async () => {
  const served = await machine({
    env: { MODEL: 'Qwen/Qwen3', HF_HOME: '/root/hf' },
    onstart: 'env >/root/seen.part; mv /root/seen.part /root/seen; grep MODEL /root/seen >>/etc/environment',
  });
  const { client } = await enter(served.directPort);
  const seen = await eventually(async () => {
    const { code, stdout } = await exec(client, 'cat $HOME/seen');
    return code === 0 ? stdout : undefined;
  });
  const variables = new Map(
    seen
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s) as [string, string]),
  );
  for (const ofShell of ['PWD', 'OLDPWD', 'SHLVL', '_']) variables.delete(ofShell);
  const root = variables.get('HOME')?.replace(/\/root$/, '') ?? '';
  expect(root).toMatch(/ghm-machine-/);
  expect(Object.fromEntries(variables)).toEqual({
    HOME: `${root}/root`,
    PATH: `${root}/bin:/usr/local/bin:/usr/bin:/bin`,
    MODEL: 'Qwen/Qwen3',
    HF_HOME: `${root}/root/hf`,
    CONTAINER_ID: '4711',
    CONTAINER_API_KEY: 'container-key-of-4711',
    VAST_CONTAINERLABEL: 'C.4711',
    VAST_TCP_PORT_22: String(served.directPort),
    PUBLIC_IPADDR: '127.0.0.1',
    SSH_PUBLIC_KEY: ed25519.public,
    GPU_COUNT: '2',
    DATA_DIRECTORY: `${root}/workspace/`,
  });
  const shell = (await exec(client, 'env')).stdout;
  expect(shell).toContain('MODEL=Qwen/Qwen3');
  expect(shell).not.toMatch(/CONTAINER_|VAST_|GPU_COUNT/);
  expect((await exec(client, "tr '\\0' '\\n' </proc/1/environ")).stdout).toContain('CONTAINER_ID=4711');
});

test('the server that onstart starts is refused before it listens and answers through the tunnel afterwards', async () => {
  const served = await machine({ onstart: startServer, mlnodeStartMs: 300 });
  const { client } = await enter(served.directPort);
  await expect(openChannel(client, 18_080)).rejects.toThrow(/Connection refused|Channel open failure/);
  await eventually(() => openChannel(client, 18_080).catch(() => undefined));
  expect(await get(client, 18_080, '/api/v1/state')).toEqual({ status: 200, body: '{"state":"STOPPED"}' });
  const books = await control(served, 'books');
  expect(books).toMatchObject({ exposedPort8080: 0, mlnode: { starts: 1, alive: true } });
});

test('the state of the server dies with its process, and a new one starts from nothing', async () => {
  const served = await machine({ onstart: startServer });
  const { client } = await enter(served.directPort);
  await eventually(() => openChannel(client, 18_080).catch(() => undefined));
  expect((await exec(client, 'pkill -f api.app:app')).code).toBe(0);
  await eventually(
    async () => (await openChannel(client, 18_080).catch(() => 'refused')) === 'refused' || undefined,
  );
  await exec(client, startServer);
  await eventually(() => openChannel(client, 18_080).catch(() => undefined));
  await fault(served, 'dies', 1);
  expect(await control(served, 'books')).toMatchObject({ mlnode: { starts: 2, alive: false } });
  expect((await exec(client, "pgrep -f 'api.app[:]app'")).code).toBe(1);
});

test('a server on port 8080 is reachable one above the SSH port, and the books say so', async () => {
  const served = await machine({ onstart: 'uvicorn api.app:app --host 0.0.0.0 --port 8080' });
  const state = await eventually(() =>
    fetch(`http://127.0.0.1:${served.sshPort + 1}/api/v1/state`)
      .then((answer) => answer.json())
      .catch(() => undefined),
  );
  expect(state).toEqual({ state: 'STOPPED' });
  expect(await control(served, 'books')).toMatchObject({ exposedPort8080: 1, publishedConnections: 1 });
});

test('what a program on the machine posts arrives through the reverse tunnel', async () => {
  const served = await machine();
  const { client } = await enter(served.sshPort);
  const posted: Posted[] = [];
  await reverse(client, 9_400, (request) => posted.push(request));
  const body = '{"nonces": [1, 2]}';
  const curl = `curl -sS -f -m 5 -X POST -H 'content-type: application/json' --data '${body}' -w ' %{http_code}'`;
  const outcome = await exec(client, `${curl} http://127.0.0.1:9400/generated?x=%2520`);
  expect(outcome).toEqual({ code: 0, stdout: 'taken 200', stderr: '' });
  expect(posted).toEqual([{ method: 'POST', path: '/generated?x=%2520', body }]);
  expect((await exec(client, 'curl -sS http://127.0.0.1:9401/')).code).toBe(7);
});

test("the machine reaches the sandbox's Vast.ai, and nothing else of the host", async () => {
  const host = await machine();
  const vast = `http://127.0.0.1:${host.port}`;
  const served = await machine({ onstart: `curl -s -o /root/answer ${vast}/sandbox/ready` });
  const { client } = await enter(served.directPort);
  const answer = await eventually(async () => (await exec(client, 'cat /root/answer')).stdout || undefined);
  expect(answer).toBe('{"ready":true}');
  expect((await exec(client, `curl -s http://127.0.0.1:${served.port}/sandbox/ready`)).code).toBe(7);
  await expect(openChannel(client, served.port)).rejects.toThrow(/Connection refused|Channel open failure/);
});

test("the daemon's own onstart starts the server and, when its time is over, destroys the instance", async () => {
  const heard: string[] = [];
  const vast = createServer((request, response) => {
    heard.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.end('{"success":true}');
  });
  await new Promise<void>((resolve) => vast.listen(0, '127.0.0.1', () => resolve()));
  const { port } = vast.address() as AddressInfo;
  const onstart = onstartText({
    mlnodePort: 18_080,
    startCommand: 'uvicorn api.app:app',
    ttlSeconds: 1,
    stepSeconds: 1,
    retrySeconds: 60,
    vastBaseUrl: `http://127.0.0.1:${port}`,
  });
  const served = await machine({ onstart });
  const { client } = await enter(served.directPort);
  await eventually(() => openChannel(client, 18_080).catch(() => undefined));
  await eventually(() => heard[0]);
  expect(heard).toEqual([`DELETE /api/v0/instances/4711/ Bearer ${containerApiKey}`]);
  vast.closeAllConnections();
  vast.close();
});

test('nvidia-smi shows the GPUs of the offer, or what a broken driver shows', async () => {
  const served = await machine();
  const { client } = await enter(served.directPort);
  const command =
    'nvidia-smi --query-gpu=index,name,memory.total,driver_version --format=csv,noheader,nounits';
  const row = 'NVIDIA GeForce RTX 4090, 24564, 580.95.05';
  expect((await exec(client, command)).stdout).toBe(`0, ${row}\n1, ${row}\n`);
  await fault(served, 'gpuBroken', 1);
  expect(await exec(client, command)).toMatchObject({
    code: 9,
    stdout: expect.stringContaining('has failed'),
  });
});

test('after a loss without FIN the port stays held until the holder is ended', async () => {
  const served = await machine();
  const lost = await enter(served.directPort, { keepaliveInterval: 50, keepaliveCountMax: 2 });
  await reverse(lost.client, 9_400, () => undefined);
  await fault(served, 'frozen', 1);
  expect((await lost.closed)?.message).toContain('Keepalive timeout');
  await fault(served, 'frozen', 0);

  const next = await enter(served.directPort);
  await expect(reverse(next.client, 9_400, () => undefined)).rejects.toThrow(/Unable to bind/);
  const { stdout } = await exec(next.client, "ss -Hltnp 'sport = :9400'");
  expect(stdout).toMatch(/^LISTEN .*127\.0\.0\.1:9400 .*users:\(\("sshd",pid=\d+,fd=\d+\)\)\n$/);
  expect((await exec(next.client, portReleaseCommand(9_400))).stdout).toContain('port released');
  const posted: Posted[] = [];
  await reverse(next.client, 9_400, (request) => posted.push(request));
  await exec(next.client, 'curl -s http://127.0.0.1:9400/back');
  expect(posted.map(({ path }) => path)).toEqual(['/back']);
  expect((await exec(next.client, portReleaseCommand(9_400))).stdout).toContain('port own');
});

test('a machine that thaws before its peer gave up goes on where it was', async () => {
  const served = await machine();
  const { client } = await enter(served.directPort);
  await fault(served, 'frozen', 1);
  const answer = exec(client, 'echo late');
  await fault(served, 'frozen', 0);
  expect((await answer).stdout).toBe('late\n');
});

test('a broken path leaves the other one, a changed host key shows, a dying sshd closes every connection', async () => {
  const served = await machine({ faults: { directBroken: 1 } });
  await expect(enter(served.directPort)).rejects.toThrow();
  const first = await enter(served.sshPort);
  await fault(served, 'hostKeyChanges', 1);
  const second = await enter(served.sshPort);
  expect(second.hostKey).not.toBe(first.hostKey);
  await fault(served, 'sshDies', 1);
  await Promise.all([first.closed, second.closed]);
  const third = await enter(served.sshPort);
  expect(third.hostKey).toBe(second.hostKey);
});
