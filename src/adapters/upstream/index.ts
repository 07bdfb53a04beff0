import type { Secret } from '../../secret.ts';
import { createOfetchTransport } from '../ofetch-transport.ts';
import { createHttpUpstream, type HttpUpstream } from './http.ts';
import { hyperbolicDialect, openAiDialect, type UpstreamDialect } from './request-mapping.ts';

export interface UpstreamOptions {
  /** With or without `/v1`. */
  readonly baseUrl: string;
  readonly key: Secret;
  /** For logs and the inspection. */
  readonly name?: string;
}

/** A back end together with what its requests must look like. */
export interface UpstreamBackEnd {
  readonly upstream: HttpUpstream;
  readonly dialect: UpstreamDialect;
}

/** Hyperbolic over HTTP (docs/reference/upstream.md). Throws a RangeError when `baseUrl` is no URL. */
export function createHyperbolicUpstream(options: UpstreamOptions): UpstreamBackEnd {
  return backEnd({ name: 'hyperbolic', ...options }, hyperbolicDialect);
}

/** Any other OpenAI-compatible API over HTTP. Throws a RangeError when `baseUrl` is no URL. */
export function createOpenAiUpstream(options: UpstreamOptions): UpstreamBackEnd {
  return backEnd({ name: 'openai-compatible', ...options }, openAiDialect);
}

function backEnd(
  options: UpstreamOptions & { readonly name: string },
  dialect: UpstreamDialect,
): UpstreamBackEnd {
  return { upstream: createHttpUpstream({ ...options, transport: createOfetchTransport() }), dialect };
}
