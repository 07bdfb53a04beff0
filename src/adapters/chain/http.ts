import { HybridError } from '../../errors.ts';
import type { UnixMs } from '../../units.ts';
import type { Transport } from '../transport.ts';
import { parseAccountAnswer } from './account-answer.ts';
import { badAnswer, parseEpochsAnswer } from './epochs-answer.ts';
import type { Chain } from './interface.ts';
import { parseParamsAnswer } from './params-answer.ts';

export interface HttpChainOptions {
  /** One source, with or without a path: `http://host:8000`, `https://host/api`, `http://host:9000/v1`. */
  readonly baseUrl: string;
  readonly transport: Transport;
  /** Limit of one question, real milliseconds. */
  readonly timeoutMs: number;
  /** The daemon's clock. */
  readonly now: () => UnixMs;
}

/** One chain source over its public HTTP API (docs/reference/protocol.md "Epochs endpoint"). */
export function createHttpChain(options: HttpChainOptions): Chain {
  const url = epochsUrl(options.baseUrl);
  const accounts = url.replace(/epochs\/latest$/, 'participants');
  const source = URL.parse(url)?.host ?? url;
  return {
    head: async (signal) => {
      const { timeoutMs } = options;
      const response = await options.transport({ method: 'GET', url, timeoutMs, signal }).catch(unreachable);
      if (response.status !== 200) throw badAnswer(source, `answered ${response.status} to epochs/latest`);
      return parseEpochsAnswer(response.body, source, options.now());
    },
    knowsAccount: async (address, signal) => {
      const { timeoutMs } = options;
      const accountUrl = `${accounts}/${encodeURIComponent(address)}`;
      const request = { method: 'GET', url: accountUrl, timeoutMs, signal } as const;
      const response = await options.transport(request).catch(unreachable);
      return parseAccountAnswer(response, source);
    },
    params: async (signal) => {
      const { timeoutMs } = options;
      const response = await options
        .transport({ method: 'GET', url: paramsUrl(url), timeoutMs, signal })
        .catch(unreachable);
      if (response.status !== 200)
        throw badAnswer(source, `answered ${response.status} to the chain's parameters`);
      return parseParamsAnswer(response.body, source);
    },
  };
}

/** The Cosmos REST API behind the Network Node's proxy (docs/reference/protocol.md "Where to read"). */
function paramsUrl(epochs: string): string {
  const base = epochs.replace(/(\/api)?\/v1\/epochs\/latest$/, '');
  return `${base}/chain-api/productscience/inference/inference/params`;
}

function epochsUrl(baseUrl: string): string {
  const base = baseUrl.replace(/\/+$/, '');
  if (base.endsWith('/epochs/latest')) return base;
  return base.endsWith('/v1') ? `${base}/epochs/latest` : `${base}/v1/epochs/latest`;
}

function unreachable(error: unknown): never {
  if (!(error instanceof HybridError) || error.code === 'ABORTED') throw error;
  throw new HybridError(
    { code: 'CHAIN_UNREACHABLE', message: error.message, wire: error.code },
    { cause: error },
  );
}
