import { describe, expect, test } from 'vitest';
import { VastDesk, type Json } from './vast-desk.ts';

const create = (body: Json): Promise<Json> => new VastDesk().json('PUT', '/api/v0/asks/501/', body);
const plain = { image: 'a/b:1', disk: 80, runtype: 'ssh' };

describe('a create body', () => {
  test.each<[string, Json, string]>([
    ['no image', { disk: 20 }, 'image'],
    ['a disk below 8 GB', { ...plain, disk: 7 }, 'disk'],
    ['a disk beyond the machine’s', { ...plain, disk: 501 }, 'disk'],
    ['a label beyond 256', { ...plain, label: 'x'.repeat(257) }, 'label'],
    ['onstart beyond 4096', { ...plain, onstart: 'x'.repeat(4097) }, 'onstart'],
    [
      'onstart and args beyond 4096 together',
      { ...plain, onstart: 'x'.repeat(4000), args: ['y'.repeat(97)] },
      'onstart',
    ],
    ['an env entry beyond 256', { ...plain, env: { A: 'x'.repeat(256) } }, 'env'],
    ['a numeric template hash', { ...plain, template_hash_id: 12 }, 'template_hash_id'],
    ['a bid', { ...plain, price: 0.2 }, 'invalid_price'],
  ])('with %s is refused by name', async (_, body, name) => {
    const answer = await create(body);
    expect(answer).toMatchObject({ success: false });
    expect(`${String(answer['error'])} ${String(answer['msg'])}`).toContain(name);
  });

  test('an image without a tag ends in a server error, and rents nothing', async () => {
    const desk = new VastDesk();
    expect(
      (await desk.ask('PUT', '/api/v0/asks/501/', { ...plain, image: 'registry:5000/a/b' })).status,
    ).toBe(500);
    expect(desk.books().live).toBe(0);
  });

  test('V25: env as a string is ignored, docker flags publish ports and are no variables', async () => {
    const desk = new VastDesk();
    await desk.rent(501, { env: '-e A=1' });
    await desk.rent(502, { env: { A: '1', '-p 8080:8080': '1', '-p 70000:70000': '1', '-h name': '1' } });
    await desk.clock.advanceBy(600_000);
    expect(desk.host.started.map(({ env }) => env)).toEqual([{}, { A: '1' }]);
    expect(desk.host.started.map(({ publishedPorts }) => publishedPorts)).toEqual([[8080], [8080, 70_000]]);
    const [, row] = await desk.rows();
    expect(row?.['extra_env']).toContainEqual(['-p 8080:8080', '1']);
    expect(Object.keys(row?.['ports'] as Json)).toEqual(['22/tcp', '8080/tcp', '70000/tcp']);
    expect(row?.['ports']).toMatchObject({ '70000/tcp': [{ HostPort: '70000' }, {}] });
  });

  test('fields that only look plausible have no effect', async () => {
    const desk = new VastDesk();
    await desk.rent(501, {
      ports: [8080],
      docker_options: '-p 8080:8080',
      image_args: 'x',
      ssh_key: 'ssh-rsa X',
    });
    await desk.clock.advanceBy(600_000);
    expect(desk.host.started[0]).toMatchObject({ authorizedKeys: [], env: {} });
    expect(Object.keys((await desk.rows())[0]?.['ports'] as Json)).toEqual(['22/tcp']);
  });

  test('without an SSH run type there is no way in, and shell text as onstart fails in the runtime', async () => {
    const desk = new VastDesk();
    await desk.rent(501, { runtype: 'args', onstart: 'echo hello' });
    await desk.clock.advanceBy(600_000);
    const [row] = await desk.rows();
    expect(row).toMatchObject({ actual_status: 'created', ssh_host: null });
    expect(row?.['status_msg']).toContain(': OCI runtime create failed:');
    expect(desk.host.started).toEqual([]);
  });

  test('a lost race without cancel_unavail leaves a stopped instance that bills its disk', async () => {
    const desk = new VastDesk();
    desk.world.faults.set('offerGone', 1);
    expect((await desk.ask('PUT', '/api/v0/asks/501/', plain)).status).toBe(400);
    expect(await desk.json('PUT', '/api/v0/asks/501/', plain)).toMatchObject({ success: false });
    const lost = await desk.json('PUT', '/api/v0/asks/501/', { ...plain, cancel_unavail: false });
    expect(lost).toMatchObject({ success: true });
    await desk.clock.advanceBy(3_600_000);
    expect(await desk.rows()).toMatchObject([{ intended_status: 'stopped', cur_state: 'stopped' }]);
    expect(desk.books()).toMatchObject({ live: 1, paidSeconds: 0 });
    expect(desk.books().costUsd).toBeCloseTo(((80 * 0.15) / 720) * ((3_600_000 + 62_000) / 3_600_000), 4);
  });

  test('"offer gone" comes in its three shapes', async () => {
    const desk = new VastDesk();
    const statuses: number[] = [];
    for (let turn = 0; turn < 3; turn += 1)
      statuses.push((await desk.ask('PUT', '/api/v0/asks/99/', plain)).status);
    expect(statuses).toEqual([400, 404, 410]);
  });
});
