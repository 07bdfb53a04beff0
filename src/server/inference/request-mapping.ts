import type { UpstreamDialect } from '../../adapters/upstream/dialect.ts';
import type { InferenceRequest } from './inference-request.ts';

/** What a probe, or the operator, knows of one model at one back end. */
export interface BackEndTraits {
  /** `stream_options` is sent, and brings the usage of a stream. */
  readonly takesStreamOptions: boolean;
  readonly takesLogprobs: boolean;
  readonly takesSeed: boolean;
}

export interface MappingTarget {
  readonly dialect: UpstreamDialect;
  readonly traits: BackEndTraits;
  /** The back end's id of the model. */
  readonly model: string;
  /** Ask for a stream whatever the caller wanted. */
  readonly isStreamForced: boolean;
}

/** Set apart from the fields that are copied. */
const handled = new Set(['model', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens']);

/**
 * A caller's body as this back end takes it: allowed fields only, both token limits folded into `max_tokens`, the
 * model replaced. Values keep their own text (a `seed` beyond 2^53 its digits); a body in which nothing changes is
 * passed as it came.
 */
export function mapRequest(request: InferenceRequest, target: MappingTarget): string {
  const { fields } = request;
  const model = JSON.stringify(target.model);
  if (fields.raw('model') === model && isTakenAsItCame(request, target)) return fields.text;
  const parts = [`"model":${model}`];
  for (const [name, raw] of fields.entries()) {
    const kept = handled.has(name) ? undefined : keptValue(name, raw, request, target);
    if (kept !== undefined) parts.push(`${JSON.stringify(name)}:${kept}`);
  }
  const limit = fields.raw('max_tokens') ?? fields.raw('max_completion_tokens');
  if (limit !== undefined) parts.push(`"max_tokens":${limit}`);
  if (request.isStream || target.isStreamForced) {
    parts.push('"stream":true');
    if (target.traits.takesStreamOptions) parts.push('"stream_options":{"include_usage":true}');
  }
  if (lacksToolChoice(request, target)) parts.push('"tool_choice":"auto"');
  return `{${parts.join(',')}}`;
}

/** Whether nothing but the model could differ. */
function isTakenAsItCame(request: InferenceRequest, target: MappingTarget): boolean {
  const { fields, isStream } = request;
  for (const [name, raw] of fields.entries()) {
    if (!handled.has(name) && keptValue(name, raw, request, target) !== raw) return false;
  }
  if (fields.raw('max_completion_tokens') !== undefined || lacksToolChoice(request, target)) return false;
  return isStream
    ? target.traits.takesStreamOptions === request.includesUsage
    : !target.isStreamForced && fields.raw('stream_options') === undefined;
}

/** Tools that this back end would leave alone. */
const lacksToolChoice = ({ fields }: InferenceRequest, { dialect }: MappingTarget): boolean =>
  dialect.toolChoiceDefault === 'none' &&
  fields.raw('tools') !== undefined &&
  fields.raw('tool_choice') === undefined;

/** The value to send, or undefined to leave the field out. */
function keptValue(
  name: string,
  raw: string,
  { kind, fields }: InferenceRequest,
  { dialect, traits }: MappingTarget,
): string | undefined {
  if (raw === 'null' || dialect.fields?.has(name) === false) return undefined;
  if (name === 'seed') return traits.takesSeed ? raw : undefined;
  if (name === 'logprobs') return traits.takesLogprobs ? raw : undefined;
  if (name !== 'top_logprobs' || kind !== 'chat') return raw;
  // An error at most APIs without `logprobs`, and beyond their limit.
  if (!traits.takesLogprobs || fields.raw('logprobs') !== 'true') return undefined;
  return Number(raw) > dialect.topLogprobsLimit ? String(dialect.topLogprobsLimit) : raw;
}
