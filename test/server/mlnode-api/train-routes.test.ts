import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatewayCase, type GatewayCase } from '../gateway-case.ts';

let gateway: GatewayCase;
beforeEach(async () => {
  gateway = await gatewayCase();
});
afterEach(() => gateway.app.close());
const train = async (): Promise<unknown[]> => {
  const start = await gateway.post('/api/v1/train/start', { train_config: {}, train_env: {} });
  const stop = await gateway.post('/api/v1/train/stop');
  const status = await gateway.get('/api/v1/train/status');
  return Promise.all([start, stop, status].map(async (call) => [call.status, await call.json()]));
};

describe('training', () => {
  test('is refused, cannot be stopped and does not run', async () => {
    gateway.desk.now = { ...gateway.desk.now, state: 'STOPPED' };
    expect(await train()).toEqual([
      [400, { detail: 'Training is not available on this node' }],
      [400, { detail: 'Training is not running' }],
      [200, { status: false }],
    ]);
    expect((await gateway.post('/api/v1/train/start', '[]')).status).toBe(422);
  });

  test.each(['INFERENCE', 'POW'] as const)('is a conflict in %s', async (state) => {
    gateway.desk.now = { ...gateway.desk.now, state };
    const detail = `Cannot run TRAIN because MLNode is currently in ServiceState.${state} mode. Please stop ServiceState.${state} first.`;
    expect(await train()).toEqual(Array.from({ length: 3 }, () => [409, { detail }]));
  });
});
