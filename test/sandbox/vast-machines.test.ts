import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { serveVast } from '../../src/sandbox/vast.ts';
import { VastMachines } from '../../src/sandbox/vast-machines.ts';
import type { MachineSpec } from '../../src/world/vast/machine-host.ts';
import { goodOffers } from '../world/vast/market-case.ts';

const mainPath = fileURLToPath(new URL('./tiny-machine.ts', import.meta.url));
const scale = { originMs: Date.now(), speed: 2_000, seed: 7, mainPath };
const spec = (instanceId: number, onstart = 'start &'): MachineSpec => ({
  instanceId,
  containerApiKey: 'c',
  label: 'l',
  image: 'a/b:1',
  gpuName: 'RTX 4090',
  gpuCount: 1,
  gpuRamMb: 24_564,
  env: { A: '1' },
  onstart,
  authorizedKeys: [],
  publishedPorts: [8080],
});
/** Not there, or dead and only not yet collected by its parent. */
const isGone = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .startsWith('Z');
  } catch {
    return true;
  }
};
const pidsOf = (books: unknown): number[] => (books as { pids: number[] }).pids;

describe('machines as processes', () => {
  let machines: VastMachines | undefined;
  afterEach(async () => {
    await machines?.close();
  });

  test('are told what they are in one line, and say in one line where they are', async () => {
    machines = new VastMachines({ ...scale, machine: { modelLoadMs: 1 } });
    expect(await machines.start(spec(5))).toEqual({ sshPort: 41_000, directPort: 41_001 });
    await machines.attachKey(5, 'ssh-ed25519 X');
    const [books] = await machines.books();
    expect(books).toMatchObject({
      instanceId: 5,
      spec: { ...spec(5), modelLoadMs: 1 },
      keys: ['ssh-ed25519 X'],
    });
    const args = ['sandbox', 'machine', '--port', '0', '--speed', '2000', '--origin', String(scale.originMs)];
    expect((books as unknown as { args: string[] }).args.slice(0, args.length)).toEqual(args);
    expect(machines.controlPorts()).toMatchObject([{ instanceId: 5 }]);
  });

  test('die with everything in them when they are stopped, and their last books are kept', async () => {
    machines = new VastMachines(scale);
    await machines.start(spec(5));
    const pids = pidsOf((await machines.books())[0]);
    expect(pids.map(isGone)).toEqual([false, false]);
    expect(await machines.stop(5)).toMatchObject({ instanceId: 5, downloadedGb: 2 });
    await expect.poll(() => pids.map(isGone)).toEqual([true, true]);
    expect(await machines.stop(5)).toBeUndefined();
    expect(await machines.books()).toMatchObject([{ instanceId: 5, pids }]);
  });

  test('that end before they are ready are an error, and no process stays', async () => {
    machines = new VastMachines(scale);
    await expect(machines.start(spec(5, 'break'))).rejects.toThrow('machine 5 ended before it was ready');
    expect(machines.controlPorts()).toEqual([]);
  });
});

describe('the Vast.ai process', () => {
  test('runs a process for each container, has their books in its own, and takes them along when it closes', async () => {
    const served = await serveVast({
      ...scale,
      port: 0,
      accidents: 0,
      imageGb: 0.1,
      market: { offers: goodOffers(1) },
    });
    const get = async (path: string): Promise<Record<string, unknown>> => {
      const answer = await fetch(`http://127.0.0.1:${served.port}${path}`);
      return (await answer.json()) as Record<string, unknown>;
    };
    const created = await fetch(`http://127.0.0.1:${served.port}/api/v0/asks/501/`, {
      method: 'PUT',
      headers: { authorization: 'Bearer sandbox-vast-key' },
      body: JSON.stringify({ image: 'a/b:1', runtype: 'ssh', onstart: 'start &' }),
    });
    expect(created.status).toBe(200);
    const running = async (): Promise<unknown> =>
      ((await get('/sandbox/books'))['instances'] as { state: string }[])[0]?.state;
    await expect.poll(running, { timeout: 10_000 }).toBe('running');
    const books = await get('/sandbox/books');
    expect(books).toMatchObject({
      live: 1,
      machines: [{ instanceId: 20_000_001, spec: { image: 'a/b:1' } }],
    });
    expect(await get('/sandbox/machines')).toMatchObject([{ instanceId: 20_000_001 }]);
    const pids = pidsOf((books['machines'] as unknown[])[0]);
    await served.close();
    await expect.poll(() => pids.map(isGone)).toEqual([true, true]);
  });
});
