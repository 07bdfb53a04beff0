import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gatewayLimits } from '../../../src/server/gateway.ts';
import { accessRules } from '../access/access-case.ts';
import { gatewayCase, type GatewayCase, initBody, model } from '../gateway-case.ts';
import { aborted } from '../scripted-upstream.ts';

/** Each failure of the earlier automation that concerns the management API, by its number. `see`: what shows it. */
interface Failure {
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
const up = { model, dtype: 'auto', additional_args: [] };
const jsonOf = async (call: Promise<Response>): Promise<unknown> => (await call).json();

const failures: readonly Failure[] = [
  {
    id: 'PRE-H34',
    rule: 'no device is invented',
    check: async ({ get }) => {
      expect(await jsonOf(get('/api/v1/gpu/devices'))).toEqual({ devices: [], count: 0 });
      expect((await get('/api/v1/gpu/driver')).status).toBe(503);
    },
  },
  { id: 'PRE-H38', rule: 'a stranger is 401', see: 'test/server/access/gateway-access.test.ts' },
  {
    id: 'PRE-H45',
    rule: 'health follows the back ends, and up looks at what it is asked for',
    check: async ({ desk, get, post }) => {
      desk.now = { ...desk.now, isInferenceHealthy: false };
      for (const path of ['/health', '/v1/health', '/livez', '/readyz', '/api/v1/health'])
        expect([path, (await get(path)).status]).toEqual([path, 503]);
      expect((await post('/api/v1/inference/up', { ...up, model: 'other/model' })).status).toBe(500);
    },
  },
  {
    id: 'PRE-H46',
    rule: 'stop, up and down are not for everybody, and under no other prefix',
    check: async ({ post }) => {
      expect((await post('/evil/api/v1/stop')).status).toBe(404);
      const closed = await gatewayCase({ access: accessRules() });
      const calls = ['stop', 'inference/up', 'inference/down'].map((call) =>
        closed.post(`/api/v1/${call}`, up),
      );
      expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([401, 401, 401]);
      expect(closed.desk.calls).toEqual([]);
      await closed.app.close();
    },
  },
  {
    id: 'PRE-H47',
    rule: 'no body of a call is logged, not even of one that fails',
    check: async ({ desk, log, post }) => {
      desk.now = { ...desk.now, state: 'STOPPED' };
      desk.powReply = () => Promise.reject(new Error('canary'));
      await post('/api/v1/pow/init/generate', { ...initBody, public_key: 'canary' }).catch(() => undefined);
      await post('/api/v1/inference/up', { model: 'canary' });
      await post('/api/v1/pow/validate', '{"canary":');
      expect(log.join('')).not.toContain('canary');
    },
  },
  { id: 'PRE-H48', rule: 'every body has a limit', see: 'test/server/limits/gateway-limits.test.ts' },
  {
    id: 'PRE-H49',
    rule: 'max_concurrent is what is registered',
    check: async () => {
      const narrow = await gatewayCase({ limits: gatewayLimits({ maxConcurrent: 1 }) });
      narrow.upstream.scripts = [({ signal }) => aborted(signal)];
      const chat = { model, messages: [{ role: 'user', content: 'x' }] };
      narrow.post('/v1/chat/completions', chat).catch(() => undefined);
      await vi.waitFor(() => expect(narrow.upstream.requests.length).toBe(1));
      expect((await narrow.post('/v1/chat/completions', chat)).status).toBe(503);
      await narrow.app.close();
    },
  },
];

test.each(failures)('$id: $rule', async ({ check, see }) => {
  if (see === undefined) expect(check).toBeDefined();
  else expect(existsSync(join(import.meta.dirname, '../../..', see))).toBe(true);
  await check?.(gateway);
});
