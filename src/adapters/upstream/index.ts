import type { Secret } from '../../secret.ts';
import { createOfetchTransport } from '../ofetch-transport.ts';
import type { CompletionLimits } from './completion-wire.ts';
import { hyperbolicDialect, openAiDialect, type UpstreamDialect } from './dialect.ts';
import { createHttpUpstream, type HttpUpstream } from './http.ts';

export interface UpstreamOptions {
  /** With or without `/v1`. */
  readonly baseUrl: string;
  readonly key: Secret;
  /** For logs and the inspection. */
  readonly name: string;
  readonly limits?: CompletionLimits;
}

/** A back end together with what its requests must look like. */
export interface UpstreamBackEnd {
  readonly upstream: HttpUpstream;
  readonly dialect: UpstreamDialect;
}

/** Hyperbolic over HTTP (docs/reference/upstream.md). Throws a RangeError when `baseUrl` is no URL. */
export function createHyperbolicUpstream(options: UpstreamOptions): UpstreamBackEnd {
  return backEnd(options, hyperbolicDialect);
}

/** Any other OpenAI-compatible API over HTTP. Throws a RangeError when `baseUrl` is no URL. */
export function createOpenAiUpstream(options: UpstreamOptions): UpstreamBackEnd {
  return backEnd(options, openAiDialect);
}

function backEnd(options: UpstreamOptions, dialect: UpstreamDialect): UpstreamBackEnd {
  return { upstream: createHttpUpstream({ ...options, transport: createOfetchTransport() }), dialect };
}
