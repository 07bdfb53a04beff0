import { json, type WorldOutcome, type WorldRequest, type WorldResponse } from '../exchange.ts';
import { detail } from '../fastapi-answer.ts';
import type { Gpu } from './gpu-groups.ts';
import { gpuDevices } from './mlnode-health.ts';
import type { MlnodeImage } from './mlnode-image.ts';
import type { MlnodePow } from './mlnode-pow.ts';
import type { MlnodeVllm } from './mlnode-vllm.ts';

type Handler = (body: unknown) => WorldOutcome | Promise<WorldOutcome>;

export interface Route {
  readonly method: string;
  readonly handler: Handler;
  readonly takesBody?: boolean;
}

export type RouteTable = Readonly<Record<string, readonly Route[]>>;

export interface RoutePlace {
  readonly image: MlnodeImage;
  readonly gpus: readonly Gpu[];
  readonly pow: MlnodePow;
  readonly vllm: MlnodeVllm;
  readonly state: Handler;
  readonly stop: Handler;
  readonly health: Handler;
}

const get = (handler: Handler): readonly Route[] => [{ method: 'GET', handler }];
const post = (handler: Handler): readonly Route[] => [{ method: 'POST', handler }];
const postBody = (handler: Handler): readonly Route[] => [{ method: 'POST', handler, takesBody: true }];

/** What the management port serves, as far as the image has it. */
export function routeTable(place: RoutePlace): RouteTable {
  return {
    ...commonRoutes(place),
    ...(place.image.hasPocV2 ? pocV2Routes(place) : {}),
    ...(place.image.isTalkative ? { '/api/v1/versions': get(() => json(200, versions)) } : {}),
  };
}

/** `GET …/pow/generate/{id}`, the one path with a part of its own. */
export function requestRoute(
  { vllm, image }: RoutePlace,
  { method, path }: WorldRequest,
): WorldResponse | undefined {
  const id = /^\/api\/v1\/inference\/pow\/generate\/([^/?]+)$/.exec(path)?.[1];
  if (id === undefined || !image.hasPocV2) return undefined;
  return method === 'GET' ? vllm.pocV2.request(decodeURIComponent(id)) : undefined;
}

const versions = { version: '0.2.0', vllm_version: '0.20.0', poc_validation_inference: true };
const driver = { driver_version: '570.124.06', cuda_driver_version: '12.8', nvml_version: '12.570.124.06' };

function commonRoutes({ pow, vllm, gpus, state, stop, health }: RoutePlace): RouteTable {
  const { inference } = vllm;
  return {
    '/api/v1/state': get(state),
    '/api/v1/stop': post(stop),
    '/api/v1/pow/init': postBody((body) => pow.init('init', body)),
    '/api/v1/pow/init/generate': postBody((body) => pow.init('init/generate', body)),
    '/api/v1/pow/init/validate': postBody((body) => pow.init('init/validate', body)),
    '/api/v1/pow/phase/generate': post(() => pow.phaseGenerate()),
    '/api/v1/pow/phase/validate': post(() => pow.phaseValidate()),
    '/api/v1/pow/validate': postBody((body) => pow.validate(body)),
    '/api/v1/pow/status': get(() => json(200, pow.status())),
    '/api/v1/pow/stop': post(() => pow.stop()),
    '/api/v1/inference/up': postBody((body) => inference.up(body)),
    '/api/v1/inference/up/async': postBody((body) => inference.upAsync(body)),
    '/api/v1/inference/up/status': get(() => inference.upStatus()),
    '/api/v1/inference/down': post(() => inference.down()),
    '/api/v1/gpu/devices': get(() => gpuDevices(gpus)),
    '/health': get(health),
    '/livez': get(health),
    '/readyz': get(() => json(200, { ready: true })),
  };
}

function pocV2Routes({ vllm, gpus }: RoutePlace): RouteTable {
  const { cache, pocV2 } = vllm;
  const root = '/api/v1/inference/pow';
  return {
    [`${root}/init/generate`]: postBody((body) => pocV2.initGenerate(body)),
    [`${root}/generate`]: postBody((body) => pocV2.generate(body)),
    [`${root}/stop`]: post(() => pocV2.stop()),
    [`${root}/status`]: get(() => pocV2.statusAnswer()),
    '/api/v1/models/status': postBody((body) => cache.status(body)),
    '/api/v1/models/download': postBody((body) => cache.download(body)),
    '/api/v1/models/list': get(() => cache.list()),
    '/api/v1/models/space': get(() => cache.space()),
    '/api/v1/models': [{ method: 'DELETE', handler: (body) => cache.remove(body), takesBody: true }],
    '/api/v1/gpu/driver': get(() =>
      gpus.length === 0 ? detail(503, 'NVML is not available') : json(200, driver),
    ),
  };
}
