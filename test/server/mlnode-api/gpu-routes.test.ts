import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MlnodeDesk } from '../../../src/server/mlnode-api/desk.ts';
import { megabytes } from '../../../src/units.ts';
import { gatewayCase, type GatewayCase } from '../gateway-case.ts';

let gateway: GatewayCase;
beforeEach(async () => {
  gateway = await gatewayCase();
});
afterEach(() => gateway.app.close());
const attach: NonNullable<MlnodeDesk['devices']> = () => [
  { name: 'NVIDIA H100 80GB HBM3', totalMemoryMb: megabytes(81_559) },
  { name: 'NVIDIA H100 80GB HBM3', totalMemoryMb: megabytes(81_559) },
];

test('no device is reported that is not attached', async () => {
  expect(await (await gateway.get('/api/v1/gpu/devices')).json()).toEqual({ devices: [], count: 0 });
});

test('attached ones are, in the node’s own form, without readings that nobody took', async () => {
  Object.assign(gateway.desk, { devices: attach });
  const answer = (await (await gateway.get('/v3.0.8/api/v1/gpu/devices')).json()) as {
    devices: unknown[];
    count: number;
  };
  expect(answer.count).toBe(2);
  expect(answer.devices[1]).toEqual({
    index: 1,
    name: 'NVIDIA H100 80GB HBM3',
    total_memory_mb: 81_559,
    free_memory_mb: null,
    used_memory_mb: null,
    utilization_percent: null,
    temperature_c: null,
    is_available: true,
    error_message: null,
  });
  expect(await (await gateway.get('/livez')).json()).toMatchObject({ gpu: { available: true, count: 2 } });
});

test('the driver is unknown', async () => {
  const response = await gateway.get('/api/v1/gpu/driver');
  expect([response.status, await response.json()]).toEqual([503, { detail: expect.any(String) as string }]);
});
