import type { Config } from '../config/config.ts';

/** Where this host's own gateway answers inference, without a trailing slash. */
export function gatewayAddress({ node }: Config): string {
  const every = node.gatewayHost === '0.0.0.0' || node.gatewayHost === '::';
  const host = every ? '127.0.0.1' : node.gatewayHost;
  return `http://${host.includes(':') ? `[${host}]` : host}:${node.inferencePort ?? node.gatewayPort}`;
}
