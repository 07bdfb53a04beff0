import { describe, expect, test } from 'vitest';
import { answer, htmlPage, scriptedVast } from './scripted-vast.ts';

const { signal } = new AbortController();
const row = (id: number, more: object = {}) => ({
  id,
  label: `l${id}`,
  machine_id: 5,
  actual_status: 'loading',
  ...more,
});
const page = (instances: unknown, more: object = {}) =>
  answer(200, { success: true, instances, total_instances: 1, next_token: null, ...more });
const running = {
  actual_status: 'running',
  ssh_host: 'ssh5.vast.ai ',
  ssh_port: 12_345,
  public_ipaddr: ' 1.2.3.4\n',
};

describe('the instance list', () => {
  test('V39: reads every page, in the order of ids', async () => {
    const { vast, sent } = scriptedVast([
      page([row(1), row(2)], { total_instances: 3, next_token: 'abc=' }),
      page([row(3)], { total_instances: 3 }),
    ]);
    const { instances, totalInstances } = await vast.list(signal);
    expect(instances.map(({ instanceId }) => instanceId)).toEqual([1, 2, 3]);
    expect(totalInstances).toBe(3);
    const urls = sent.map(({ url }) => new URL(url));
    expect(urls.map(({ pathname }) => pathname)).toEqual(['/api/v1/instances/', '/api/v1/instances/']);
    expect(urls.map(({ searchParams }) => searchParams.get('after_token'))).toEqual([null, 'abc=']);
    expect(urls[0]?.searchParams.get('order_by')).toBe('[{"col":"id","dir":"asc"}]');
    expect(sent[0]?.body).toBeUndefined();
  });

  test('zero of zero is a valid list', async () => {
    const { vast } = scriptedVast([page([], { total_instances: 0 })]);
    expect(await vast.list(signal)).toEqual({ instances: [], totalInstances: 0 });
  });

  test.each([
    ['fewer rows than it says', [page([row(1)], { total_instances: 2 })]],
    ['more rows than it says', [page([row(1), row(2)])]],
    ['one row twice', [page([row(1), row(1)], { total_instances: 2 })]],
    ['no total', [page([row(1)], { total_instances: null })]],
    ['no rows field', [answer(200, { success: true, total_instances: 0 })]],
    ['null rows', [page(null, { total_instances: 0 })]],
    ['success that is not stated', [answer(200, { instances: [], total_instances: 0 })]],
    ['success:false', [answer(200, { success: false, instances: [], total_instances: 0 })]],
    ['a row without an id', [page([{ label: 'x' }])]],
    ['an error page', [answer(502, htmlPage)]],
    ['an error page with 200', [answer(200, htmlPage)]],
    ['another status', [answer(404, { error: 'not_found' })]],
    ['a second page that fails', [page([row(1)], { total_instances: 2, next_token: 't' }), answer(500, '')]],
    [
      'a token that comes twice',
      [
        page([row(1)], { total_instances: 2, next_token: 't' }),
        page([row(2)], { total_instances: 2, next_token: 't' }),
      ],
    ],
  ])('proves nothing with %s', async (_, script) => {
    await expect(scriptedVast(script).vast.list(signal)).rejects.toMatchObject({
      code: 'VAST_LIST_UNKNOWN',
      class: 'retryable',
    });
  });

  test('a refused key is not an unknown list', async () => {
    const { vast } = scriptedVast([answer(404, { error: 'auth_error', msg: 'Invalid user key' })]);
    await expect(vast.list(signal)).rejects.toMatchObject({ code: 'VAST_KEY_REFUSED' });
  });

  test.each([
    [
      'V17: a direct and a proxy endpoint, trimmed',
      { ...running, ports: { '22/tcp': [{ HostIp: '0.0.0.0', HostPort: '20000' }] } },
      ['direct 1.2.3.4:20000', 'proxy ssh5.vast.ai:12345'],
    ],
    ['V18: ports null', { ...running, ports: null }, ['proxy ssh5.vast.ai:12345']],
    ['V18: ports empty', { ...running, ports: {} }, ['proxy ssh5.vast.ai:12345']],
    [
      'V18: only another port',
      { ...running, ports: { '8080/tcp': [{ HostPort: '1' }] } },
      ['proxy ssh5.vast.ai:12345'],
    ],
    ['V18: ports as an array of numbers', { ...running, ports: [22] }, ['proxy ssh5.vast.ai:12345']],
    [
      'V18: a HostPort that is no port',
      { ...running, ports: { '22/tcp': [{ HostPort: '' }] } },
      ['proxy ssh5.vast.ai:12345'],
    ],
    [
      'V16: never the proxy’s host with the direct port',
      { ...running, public_ipaddr: null, ports: { '22/tcp': [{ HostPort: '20000' }] } },
      ['proxy ssh5.vast.ai:12345'],
    ],
    [
      'V16: never the machine’s address with the proxy’s port',
      { ...running, ssh_host: null, ports: null },
      [],
    ],
    [
      'a Jupyter run type, one port higher',
      { ...running, image_runtype: 'jupyter ssh' },
      ['proxy ssh5.vast.ai:12346'],
    ],
    [
      'nothing before the container runs',
      { ...running, actual_status: 'loading', ports: { '22/tcp': [{ HostPort: '20000' }] } },
      [],
    ],
  ])('gives endpoints: %s', async (_, fields, expected) => {
    const { vast } = scriptedVast([page([row(1, fields)])]);
    const [instance] = (await vast.list(signal)).instances;
    expect(instance?.endpoints.map(({ via, host, port }) => `${via} ${host}:${port}`)).toEqual(expected);
  });

  test('a row full of nulls and strings is still a row', async () => {
    const { vast } = scriptedVast([
      page([
        { id: '77', label: null, machine_id: '8', actual_status: null, status_msg: null, dph_total: '0.5' },
      ]),
    ]);
    expect((await vast.list(signal)).instances).toEqual([
      {
        instanceId: 77,
        label: null,
        machineId: 8,
        actualStatus: null,
        intendedStatus: null,
        curState: null,
        statusMsg: null,
        price: 500_000,
        endpoints: [],
      },
    ]);
  });
});
