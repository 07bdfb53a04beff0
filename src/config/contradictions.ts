import { alertContradictions } from './alert-schemas.ts';
import { imageContradictions } from './model-config.ts';
import type { Values } from './schema.ts';
import type { Found } from './sources.ts';
import { isLoopback, isLoopbackUrl } from './value-schemas.ts';

/** What is wrong between settings that are each right. Looks only at those that could be read. */
export function contradictions(
  values: Partial<Values>,
  found: ReadonlyMap<string, Found>,
): readonly string[] {
  return [
    ...missing(values, found),
    ...clashingPorts(values),
    ...scaledTime(values),
    ...openInspection(values),
    ...unknownCallers(values),
    ...borrowedNames(values),
    ...backEndsApart(values, found),
    ...alertContradictions(values),
    ...imageContradictions(values),
  ];
}

/** What is allowed and still deserves a word. */
export function doubts(values: Values): readonly string[] {
  const list: string[] = [];
  if (!values.DOCKER_IMAGE.includes('@sha256:')) {
    list.push('DOCKER_IMAGE has no digest: a tag can change under a running host');
  }
  if (values.VASTAI_MIN_TOTAL_VRAM < 38_000) {
    list.push('VASTAI_MIN_TOTAL_VRAM is raised to 38 GB: PoC v1 can do nothing with less');
  }
  if (values.HYPERBOLIC_MODEL !== undefined && values.HYPERBOLIC_MODEL !== values.MLNODE_INFERENCE_MODEL) {
    list.push(
      `the node presents ${values.MLNODE_INFERENCE_MODEL} and answers with ${values.HYPERBOLIC_MODEL}: they must be the same weights, because validators compare log probabilities`,
    );
  }
  if (values.MAX_EPOCH_SPEND !== undefined && values.MAX_EPOCH_SPEND > values.MAX_DAILY_SPEND) {
    list.push('MAX_EPOCH_SPEND is above MAX_DAILY_SPEND, which therefore decides');
  }
  if (values.GPU_FLEET_WIDTH > 1) {
    list.push(
      `GPU_FLEET_WIDTH ${values.GPU_FLEET_WIDTH} holds for PoC v1 only: on PoC v2 shares would thin out the nonces, which validators take for fraud, so one machine serves there`,
    );
  }
  const open = ['ALLOW_FROM', 'ALLOW_MANAGEMENT_FROM'] as const;
  for (const name of open.filter((name) => values[name]?.some(({ prefix }) => prefix === 0))) {
    list.push(
      `${name} admits every address: whoever reaches the port can ${name === 'ALLOW_FROM' ? 'spend the inference key' : 'stop this node'}`,
    );
  }
  return list;
}

function missing(values: Partial<Values>, found: ReadonlyMap<string, Found>): readonly string[] {
  const list: string[] = [];
  const lacks = (name: string): boolean => !found.has(name);
  if (values.RENTAL_POLICY !== 'off') {
    for (const name of ['VASTAI_API_KEY', 'VASTAI_SSH_KEY_PATH']) {
      if (lacks(name)) list.push(`${name} is not set (required unless RENTAL_POLICY=off)`);
    }
  }
  if (values.REGISTRATION !== 'off' && lacks('VPS_IP')) {
    list.push('VPS_IP is not set (required unless REGISTRATION=off)');
  }
  return list;
}

function clashingPorts(values: Partial<Values>): readonly string[] {
  const list: string[] = [];
  const { HYPERBOLIC_PROXY_PORT: gateway, INFERENCE_PORT: inference, INSPECTION_PORT: inspection } = values;
  if (inspection !== undefined && inspection === gateway) {
    list.push(
      `INSPECTION_PORT and HYPERBOLIC_PROXY_PORT are both ${inspection}: inspection is never on the gateway`,
    );
  }
  if (inspection !== undefined && inspection === inference) {
    list.push(
      `INSPECTION_PORT and INFERENCE_PORT are both ${inspection}: inspection is never on the gateway`,
    );
  }
  return list;
}

/** A clock that lies must never meet a real neighbour: it would rent at the wrong time and pay for it. */
function scaledTime(values: Partial<Values>): readonly string[] {
  if (values.TIME_SCALE === undefined || values.TIME_SCALE === 1) return [];
  const list: string[] = [];
  const neighbours = {
    GONKA_NETWORK_NODE_URL: values.GONKA_NETWORK_NODE_URL ?? [],
    GONKA_ADMIN_API_URL: values.GONKA_ADMIN_API_URL ?? [],
    VASTAI_BASE_URL: values.VASTAI_BASE_URL ?? [],
  };
  for (const [name, urls] of Object.entries(neighbours)) {
    const real = [urls].flat().find((url) => !isLoopbackUrl(url));
    if (real !== undefined)
      list.push(`TIME_SCALE other than 1 is for the sandbox, but ${name} names ${real}`);
  }
  if (values.TIME_ORIGIN_MS === undefined)
    list.push('TIME_ORIGIN_MS is not set (required when TIME_SCALE is not 1)');
  return list;
}

function openInspection(values: Partial<Values>): readonly string[] {
  const host = values.INSPECTION_HOST;
  if (host === undefined || isLoopback(host) || values.INSPECTION_TOKEN !== undefined) return [];
  return [`INSPECTION_TOKEN is not set (required because INSPECTION_HOST is ${host}, which is not loopback)`];
}

/** Names tell back ends apart, in MODEL_TABLE too, and the expected model is never answered by other weights. */
function backEndsApart(values: Partial<Values>, found: ReadonlyMap<string, Found>): readonly string[] {
  const list: string[] = [];
  const names = ['hyperbolic'];
  for (const place of [2, 3] as const) {
    const prefix = `UPSTREAM_${place}` as const;
    if (values[`${prefix}_BASE_URL`] === undefined) continue;
    const name = values[`${prefix}_NAME`];
    if (!found.has(`${prefix}_API_KEY`)) {
      list.push(`${prefix}_API_KEY is not set (required when ${prefix}_BASE_URL is set)`);
    }
    if (name !== undefined && names.includes(name))
      list.push(`${prefix}_NAME is ${name}, as another back end's`);
    if (name !== undefined) names.push(name);
  }
  for (const { asked, isSameWeights, backEnd } of values.MODEL_TABLE ?? []) {
    if (backEnd !== undefined && !names.includes(backEnd)) {
      list.push(`MODEL_TABLE names the back end ${backEnd}; there are: ${names.join(', ')}`);
    }
    if (!isSameWeights && asked === values.MLNODE_INFERENCE_MODEL) {
      list.push(`MODEL_TABLE gives other weights for ${asked}, which this node is paid to serve`);
    }
  }
  return list;
}

/** In the books everybody has one name; the Network Node's is not for others to bear. */
const borrowedNames = (values: Partial<Values>): readonly string[] =>
  values.GATEWAY_TOKENS?.some(({ name }) => name === 'network-node') === true
    ? ['GATEWAY_TOKENS names network-node, which is the Network Node in the books; take another name']
    : [];

/** A name without a token would be a right that nobody can use, and is probably a slip of the pen. */
function unknownCallers(values: Partial<Values>): readonly string[] {
  const known = new Set(values.GATEWAY_TOKENS?.map(({ name }) => name));
  const unknown = values.GATEWAY_MANAGEMENT_CALLERS?.filter((name) => !known.has(name)) ?? [];
  return unknown.map(
    (name) => `GATEWAY_MANAGEMENT_CALLERS names ${name}, who has no token in GATEWAY_TOKENS`,
  );
}
