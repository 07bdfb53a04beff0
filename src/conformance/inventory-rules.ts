import { z } from 'zod';
import { type Answer, expectBody, expectServed, expectStatus, readable, readBody } from './answer.ts';
import { cachedModel, errorText, modelCacheStates } from './answer-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { Broken, type Chapter, rule } from './rule.ts';

const absent = { hf_repo: 'conformance/no-such-model', hf_commit: null };
const cacheState = z.enum(modelCacheStates);
const modelStatus = z.object({
  model: cachedModel,
  status: cacheState,
  progress: z.object({ start_time: z.number(), elapsed_seconds: z.number() }).nullable(),
  error_message: z.string().nullable(),
});
const number = z.number().nullable();
const device = z.object({
  index: z.int(),
  name: z.string().min(1),
  total_memory_mb: number,
  free_memory_mb: number.optional(),
  used_memory_mb: number.optional(),
  utilization_percent: number.optional(),
  temperature_c: number.optional(),
  is_available: z.boolean(),
  error_message: z.string().nullable(),
});
const deviceList = z.object({ devices: z.array(device), count: z.int() });
const driver = z.object({
  driver_version: z.string(),
  cuda_driver_version: z.string(),
  nvml_version: z.string(),
});

/** What the Network Node asks every half an hour; a node before v0.2.4 has none of it. */
export const inventoryRules: Chapter = {
  title: 'Models and GPUs',
  isDisruptive: false,
  rules: [
    rule(
      'MLN-040',
      'POST /api/v1/models/status answers {"model", "status", "progress", "error_message"} for the model asked for',
      'Models',
      async (node) => {
        const sending = { body: absent, contentType: 'application/json' };
        const answer = await served(node, 'POST', '/api/v1/models/status', sending);
        const { model } = expectBody(answer, 200, modelStatus);
        if (model.hf_repo !== absent.hf_repo) throw new Broken(`it answers for ${model.hf_repo}`);
      },
    ),
    rule(
      'MLN-041',
      'GET /api/v1/models/list answers {"models": [{model, status}]}',
      'Models',
      async (node) => {
        const list = z.object({ models: z.array(z.object({ model: cachedModel, status: cacheState })) });
        expectBody(await served(node, 'GET', '/api/v1/models/list'), 200, list);
      },
    ),
    rule(
      'MLN-042',
      'GET /api/v1/models/space answers {"cache_size_gb", "available_gb", "cache_path"}',
      'Models',
      async (node) => {
        const space = z.object({
          cache_size_gb: z.number(),
          available_gb: z.number(),
          cache_path: z.string(),
        });
        expectBody(await served(node, 'GET', '/api/v1/models/space'), 200, space);
      },
    ),
    rule(
      'MLN-043',
      'GET /api/v1/gpu/devices answers {"devices": [{index, name, total_memory_mb, …}], "count"}',
      'GPU',
      async (node) => {
        expectBody(await served(node, 'GET', '/api/v1/gpu/devices'), 200, deviceList);
      },
    ),
    rule('MLN-044', 'count of GET /api/v1/gpu/devices is the length of its list', 'GPU', async (node) => {
      const answer = await served(node, 'GET', '/api/v1/gpu/devices');
      const { devices, count } = readBody(
        answer,
        z.object({ devices: z.array(z.unknown()), count: z.number() }),
      );
      if (count !== devices.length) throw new Broken(`count is ${count}, the list has ${devices.length}`);
    }),
    rule(
      'MLN-045',
      'GET /api/v1/gpu/driver answers {"driver_version", "cuda_driver_version", "nvml_version"}, or 503 without a driver',
      'GPU',
      async (node) => {
        const answer = await served(node, 'GET', '/api/v1/gpu/driver');
        expectStatus(answer, 200, 503);
        readBody<unknown>(answer, answer.status === 200 ? driver : errorText);
      },
    ),
  ],
};

export const modelRemovalRules: Chapter = {
  title: 'Removing a model',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-046',
      'DELETE /api/v1/models of a model that is not there answers 404',
      'Models',
      async (node) => {
        const sending = { body: absent, contentType: 'application/json' };
        const list = await node.manage('GET', '/api/v1/models/list');
        expectServed(list);
        expectBody(await node.manage('DELETE', '/api/v1/models', sending), 404, errorText);
      },
    ),
  ],
};

/** Whether the node lists a GPU at the moment. */
export async function hasDevices(node: NodeUnderTest): Promise<boolean> {
  const answer = await node.manage('GET', '/api/v1/gpu/devices');
  if (answer.status !== 200) return false;
  return readable(answer, z.object({ devices: z.tuple([]) })) === null;
}

async function served(
  node: NodeUnderTest,
  method: 'GET' | 'POST',
  path: string,
  sending = {},
): Promise<Answer> {
  const answer = await node.manage(method, path, sending);
  expectServed(answer);
  return answer;
}
