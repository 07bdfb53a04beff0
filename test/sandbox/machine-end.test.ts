import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { serveMachine } from '../../src/sandbox/machine.ts';
import { eventually, exec, login, machineStart } from './machine-client.ts';

/** Processes that were started on the machine with this directory. */
function processesOf(root: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/environ`, 'utf8').includes(`${root}/`);
    } catch {
      return false;
    }
  });
}

const busyOnstart = [
  'setsid sh -c "sleep 3600" &',
  '(sleep 3600; curl -X DELETE http://127.0.0.1:1/) &',
  'nohup uvicorn api.app:app --host=127.0.0.1 --port=18080 >/root/server.log 2>&1 &',
].join('\n');

async function rootOf(port: number): Promise<string> {
  const { client } = await login(port);
  const { stdout } = await exec(client, 'cd $HOME/.. && pwd');
  client.destroy();
  return stdout.trim();
}

test.skipIf(process.platform !== 'linux')('a destroyed machine leaves no process and no file', async () => {
  const start = machineStart({ onstart: busyOnstart });
  const served = await serveMachine({ port: 0, speed: 1, originMs: Date.now(), ...start });
  const root = await rootOf(served.directPort);
  await eventually(() => (processesOf(root).length >= 4 ? true : undefined));
  await served.close();
  expect(processesOf(root)).toEqual([]);
  expect(existsSync(root)).toBe(false);
});

test.skipIf(process.platform !== 'linux')(
  'a machine whose process is killed is cleaned up all the same',
  async () => {
    const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, 'sandbox', 'machine'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.write(`${JSON.stringify(machineStart({ onstart: busyOnstart }))}\n`);
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const ports = JSON.parse(line) as { port: number; sshPort: number; directPort: number };
    expect(Object.keys(ports).toSorted()).toEqual(['directPort', 'port', 'sshPort']);
    const root = await rootOf(ports.sshPort);
    await eventually(() => (processesOf(root).length >= 4 ? true : undefined));
    child.kill('SIGKILL');
    await eventually(() => (existsSync(root) ? undefined : true));
    expect(processesOf(root)).toEqual([]);
  },
);
