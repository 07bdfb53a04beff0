import { createChain } from '../../adapters/chain/index.ts';
import type { UnixMs } from '../../units.ts';
import { type ChainOfSources, createChainOfSources } from './chain-of-sources.ts';

/** All configured sources over HTTP, as one. `timeoutMs`: of one question, real milliseconds. */
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
