import { existsSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PowReply } from '../../../src/server/mlnode-api/desk.ts';
import { callbackTarget, relayUrl } from '../../../src/server/relay/callback-target.ts';
import { rewriteInitUrl } from '../../../src/server/relay/init-url.ts';
import { gatewayCase, type GatewayCase, initBody, model } from '../gateway-case.ts';

/** Each known trap of the protocol, by its number. `see`: what shows it elsewhere. */
interface Trap {
  readonly id: string;
  readonly rule: string;
  readonly check?: (gateway: GatewayCase) => Promise<void>;
  readonly see?: string;
}

let gateway: GatewayCase;
beforeEach(async () => {
  gateway = await gatewayCase();
});
afterEach(() => gateway.app.close());

const { stringify } = JSON;
const up = { model, dtype: 'auto', additional_args: [] };
const noReply = (): Promise<PowReply> => Promise.resolve({ kind: 'silence' });
const jsonOf = async (call: Promise<Response>): Promise<unknown> => (await call).json();
const present = (state: 'INFERENCE' | 'POW' | 'STOPPED'): void => {
  const pow = state === 'POW' ? ({ status: 'GENERATING', isModelInitialized: false } as const) : null;
  gateway.desk.now = { ...gateway.desk.now, state, pow };
};
/** From here on the desk does what the service chart does with these calls. */
function followCalls(): void {
  const { desk } = gateway;
  desk.act = async () => present(desk.calls.at(-1)?.startsWith('up') === true ? 'INFERENCE' : 'STOPPED');
  desk.powReply = async () => {
    present('POW');
    return { kind: 'answer', status: 200, body: '{"status":"OK"}' };
  };
}
const initGenerate = (body: unknown = initBody): Promise<Response> =>
  gateway.post('/api/v1/pow/init/generate', body);
const withUrl = (url: string): string => stringify({ ...initBody, url });

const traps: readonly Trap[] = [
  {
    id: 'GP-1',
    rule: 'JSON without a Content-Type is read',
    check: async ({ post, desk }) => {
      present('STOPPED');
      expect((await post('/api/v1/pow/init/generate', initBody)).status).toBe(200);
      expect(desk.calls).toEqual([`init/generate ${stringify(initBody)}`]);
    },
  },
  {
    id: 'GP-2',
    rule: 'a refused init closes the connection, and the state is not POW',
    check: async ({ desk, get }) => {
      present('STOPPED');
      desk.powReply = noReply;
      await expect(initGenerate()).rejects.toThrow('fetch failed');
      expect(await jsonOf(get('/api/v1/state'))).toMatchObject({ state: 'STOPPED' });
    },
  },
  {
    id: 'GP-3',
    rule: 'a version may stand in front of every path',
    check: async ({ get, post }) => {
      for (const path of ['/api/v1/state', '/health', '/v1/models', '/livez', '/api/v1/gpu/devices'])
        expect([path, (await get(`/v3.0.14-post2${path}`)).status]).toEqual([path, 200]);
      expect((await post('/v3.0.8/api/v1/stop')).status).toBe(200);
      expect((await post('/v3.0.8/v1/chat/completions', '{}')).status).toBe(400);
    },
  },
  {
    id: 'GP-4',
    rule: 'polls come from memory, whatever hangs',
    see: 'test/server/mlnode-api/polls-under-load.test.ts',
  },
  {
    id: 'GP-5',
    rule: 'a call that the Network Node breaks off is carried out whole',
    check: async ({ desk, get, origin }) => {
      let finish = (): void => undefined;
      desk.act = () =>
        new Promise((resolve) => {
          finish = () => {
            present('STOPPED');
            resolve();
          };
        });
      const call = httpRequest(`${origin}/api/v1/stop`, { method: 'POST' }).on('error', () => undefined);
      call.end();
      await vi.waitFor(() => expect(desk.calls).toEqual(['stop']));
      call.destroy();
      finish();
      expect(await jsonOf(get('/api/v1/state'))).toMatchObject({ state: 'STOPPED' });
    },
  },
  {
    id: 'GP-6',
    rule: 'answers that nobody may read are small',
    check: async ({ get, post }) => {
      const calls = [get('/api/v1/state'), get('/livez'), get('/v1/models'), post('/api/v1/stop')];
      for (const call of calls) expect((await (await call).text()).length).toBeLessThan(1024);
    },
  },
  {
    id: 'GP-7',
    rule: 'stop comes without a body, the stop of PoC v2 with {}',
    check: async ({ post }) => {
      expect((await post('/api/v1/stop')).status).toBe(200);
      expect((await post('/api/v1/inference/pow/stop', '{}')).status).toBe(200);
    },
  },
  {
    id: 'GP-8',
    rule: 'a callback URL of a private network is taken, and rewritten for the machine',
    check: async ({ desk }) => {
      present('STOPPED');
      await initGenerate(withUrl('http://api:9100/v1/poc-batches'));
      const taken = desk.calls[0]?.replace('init/generate ', '') ?? '';
      const forMachine = rewriteInitUrl(taken, relayUrl(20_001, callbackTarget(initBody.url).basePath));
      expect(forMachine).toBe(withUrl('http://127.0.0.1:20001/v1/poc-batches'));
    },
  },
  {
    id: 'GP-9',
    rule: 'a path that is encoded twice stays so',
    check: async () => {
      const path = '/v2/poc-batches/MiniMaxAI%252FMiniMax-M2.7';
      expect(callbackTarget(`http://api:9100${path}`).basePath).toBe(path);
    },
  },
  {
    id: 'GP-10',
    rule: 'a trailing slash of the callback URL stays',
    check: async () => {
      expect(callbackTarget('http://api:9100/v1/poc-batches/').basePath).toBe('/v1/poc-batches/');
    },
  },
  { id: 'GP-11', rule: 'the relay answers at once', see: 'test/server/relay/receiver.test.ts' },
  { id: 'GP-12', rule: 'the relay owns every retry', see: 'test/server/relay/deliverer.test.ts' },
  { id: 'GP-13', rule: 'a callback may be sent again', see: 'test/server/relay/deliverer.test.ts' },
  {
    id: 'GP-14',
    rule: 'state, health and the first model agree',
    check: async ({ get }) => {
      expect(await jsonOf(get('/api/v1/state'))).toMatchObject({ state: 'INFERENCE', loaded_model: model });
      expect((await get('/health')).status).toBe(200);
      expect(await jsonOf(get('/v1/models'))).toMatchObject({ data: [{ id: model }] });
    },
  },
  {
    id: 'GP-15',
    rule: 'inference/up answers at once and the state is INFERENCE',
    check: async ({ get, post }) => {
      present('STOPPED');
      followCalls();
      expect((await post('/api/v1/inference/up', up)).status).toBe(200);
      expect(await jsonOf(get('/api/v1/state'))).toMatchObject({ state: 'INFERENCE' });
    },
  },
  {
    id: 'GP-16',
    rule: 'stop and init/generate follow each other at once; POW and GENERATING after',
    check: async ({ get, post }) => {
      followCalls();
      await post('/api/v1/stop');
      expect((await initGenerate()).status).toBe(200);
      expect(await jsonOf(get('/api/v1/state'))).toMatchObject({ state: 'POW' });
      expect(await jsonOf(get('/api/v1/pow/status'))).toMatchObject({ status: 'GENERATING' });
      expect((await get('/health')).status).toBe(503);
    },
  },
  {
    id: 'GP-17',
    rule: 'pow/status is a conflict in INFERENCE',
    check: async ({ get }) => expect((await get('/api/v1/pow/status')).status).toBe(409),
  },
  {
    id: 'GP-18',
    rule: 'no field of an init body is changed on its way to the machine but url',
    check: async ({ desk }) => {
      present('STOPPED');
      const raw = withUrl('http://api:9100/x').replace('1.398077', '1.39807700').replace(':1,', ': 1 ,');
      await initGenerate(raw);
      expect(desk.calls).toEqual([`init/generate ${raw}`]);
      expect(rewriteInitUrl(raw, 'http://api:9100/x')).toBe(raw);
    },
  },
  {
    id: 'GP-19',
    rule: 'a repeated init of PoC v2 is judged like the first, and nothing is said to generate',
    check: async ({ get, post }) => {
      const init = { ...initBody, params: { model, seq_len: 1024 } };
      for (let time = 0; time < 2; time += 1)
        expect((await post('/api/v1/inference/pow/init/generate', init)).status).toBe(503);
      expect(await jsonOf(get('/api/v1/inference/pow/status'))).toMatchObject({ status: 'IDLE' });
    },
  },
  {
    id: 'GP-20',
    rule: 'work of PoC v2 is never acknowledged without a model that is up on a machine',
    see: 'test/server/mlnode-api/poc-v2-routes.test.ts',
  },
  {
    id: 'GP-21',
    rule: 'a late start is taken as soon as there is a machine',
    check: async ({ desk }) => {
      present('STOPPED');
      desk.powReply = noReply;
      await expect(initGenerate()).rejects.toThrow('fetch failed');
      followCalls();
      expect((await initGenerate()).status).toBe(200);
    },
  },
  {
    id: 'GP-22',
    rule: 'the height of the stage passes as it is',
    check: async ({ desk }) => {
      present('STOPPED');
      await initGenerate({ ...initBody, block_height: 2_089_141 });
      expect(desk.calls[0]).toContain('"block_height":2089141,');
    },
  },
];

describe('a known trap', () => {
  test.each(traps)('$id: $rule', async ({ check, see }) => {
    if (see === undefined) expect(check).toBeDefined();
    else expect(existsSync(join(import.meta.dirname, '../../..', see))).toBe(true);
    await check?.(gateway);
  });

  test('is in the table once', () => {
    const wanted = Array.from({ length: 22 }, (_, index) => `GP-${index + 1}`);
    expect(traps.map(({ id }) => id).filter((id) => id.startsWith('GP'))).toEqual(wanted);
  });
});
