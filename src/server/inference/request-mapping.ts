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
  if (fields.value('model') === target.model && isTakenAsItCame(request, target)) return fields.text;
  const parts = [`"model":${JSON.stringify(target.model)}`];
  for (const name of fields.names()) {
    const kept = handled.has(name) ? undefined : keptValue(name, request, target);
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
  for (const name of fields.names()) {
    if (!handled.has(name) && fateOf(name, request, target) !== 'kept') return false;
  }
  if (fields.has('max_completion_tokens') || lacksToolChoice(request, target)) return false;
  return isStream
    ? target.traits.takesStreamOptions === request.includesUsage
    : !target.isStreamForced && !fields.has('stream_options');
}

/** Tools that this back end would leave alone. */
const lacksToolChoice = ({ fields }: InferenceRequest, { dialect }: MappingTarget): boolean =>
  dialect.toolChoiceDefault === 'none' && fields.has('tools') && !fields.has('tool_choice');

/** The value to send, or undefined to leave the field out. */
function keptValue(name: string, request: InferenceRequest, target: MappingTarget): string | undefined {
  const fate = fateOf(name, request, target);
  if (fate === 'dropped') return undefined;
  return fate === 'capped' ? String(target.dialect.topLogprobsLimit) : request.fields.raw(name);
}

function fateOf(
  name: string,
  { kind, fields }: InferenceRequest,
  { dialect, traits }: MappingTarget,
): 'kept' | 'dropped' | 'capped' {
  const keptIf = (isTaken: boolean): 'kept' | 'dropped' => (isTaken ? 'kept' : 'dropped');
  if (!fields.has(name) || dialect.fields?.has(name) === false) return 'dropped';
  if (name === 'seed') return keptIf(traits.takesSeed);
  if (name === 'logprobs') return keptIf(traits.takesLogprobs);
  if (name !== 'top_logprobs' || kind !== 'chat') return 'kept';
  // An error at most APIs without `logprobs`, and beyond their limit.
  if (!traits.takesLogprobs || fields.value('logprobs') !== true) return 'dropped';
  return Number(fields.value(name)) > dialect.topLogprobsLimit ? 'capped' : 'kept';
}
