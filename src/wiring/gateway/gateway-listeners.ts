import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config/config.ts';
import { networkNodeRanges } from '../../server/access/network-node-ranges.ts';
import type { Surface } from '../../server/access/plane.ts';
import { createGateway, gatewayLimits, type GatewayOptions } from '../../server/gateway.ts';

export interface GatewayListener {
  readonly surface: Surface;
  readonly app: FastifyInstance;
  readonly port: number;
}

/**
 * The node's listeners, not listening yet: one for everything, or with INFERENCE_PORT one for each half. They share
 * the places of the node and the books of its callers.
 */
export async function createGatewayListeners(
  config: Config,
  options: Omit<GatewayOptions, 'surface' | 'access' | 'inferenceBodyBytesMax'>,
): Promise<readonly GatewayListener[]> {
  const { adminUrl, callbackUrl } = config.networkNode;
  const own = await networkNodeRanges(callbackUrl === undefined ? [adminUrl] : [adminUrl, callbackUrl]);
  const { access, limits, node } = config;
  const ruled = {
    ...options,
    access: {
      ...access,
      from: [...access.from, ...own],
      managementFrom: [...access.managementFrom, ...own],
    },
    limits: options.limits ?? gatewayLimits({ maxConcurrent: node.maxConcurrent, access, limits }),
    inferenceBodyBytesMax: limits.inferenceBodyBytesMax,
  };
  const listener = (surface: Surface, port: number): GatewayListener => ({
    surface,
    app: createGateway({ ...ruled, surface }),
    port,
  });
  return node.inferencePort === undefined
    ? [listener('shared', node.gatewayPort)]
    : [listener('management', node.gatewayPort), listener('inference', node.inferencePort)];
}
