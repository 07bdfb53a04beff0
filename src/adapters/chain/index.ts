import type { UnixMs } from '../../units.ts';
import { createOfetchTransport } from '../ofetch-transport.ts';
import { type HttpChainOptions, createHttpChain } from './http.ts';
import { type ChainOfSources, createChainOfSources } from './chain-of-sources.ts';
import type { Chain } from './interface.ts';
import { type SimulatedChainOptions, createSimulatedChain } from './simulated.ts';

export { type ChainOfSources, createChainOfSources, type SourceView } from './chain-of-sources.ts';

export type ChainOptions = Omit<HttpChainOptions, 'transport'> | SimulatedChainOptions;

/** A chain source: over the world where one is given, else over HTTP. */
export function createChain(options: ChainOptions): Chain {
  if ('world' in options) return createSimulatedChain(options);
  return createHttpChain({ ...options, transport: createOfetchTransport() });
}

/** All configured sources over HTTP, as one. */
export function createHttpChainOfSources(
  { urls, timeoutMs }: { readonly urls: readonly string[]; readonly timeoutMs: number },
  now: () => UnixMs,
): ChainOfSources {
  return createChainOfSources({
    now,
    sources: urls.map((baseUrl) => ({
      name: URL.parse(baseUrl)?.host ?? baseUrl,
      chain: createChain({ baseUrl, timeoutMs, now }),
    })),
  });
}
