import { parsedJson } from '../mlnode-api/raw-body.ts';
import { type BodyFields, scanBody } from './body-fields.ts';

export type InferenceKind = 'chat' | 'text';

/** One well-formed request of a caller. */
export interface InferenceRequest {
  readonly kind: InferenceKind;
  readonly fields: BodyFields;
  /** As asked; null when the caller left it to us. */
  readonly model: string | null;
  readonly isStream: boolean;
  /** Whether a stream is to end with its usage. */
  readonly includesUsage: boolean;
  /**
   * A validator's replay, which asks for exactly these tokens. An API ignores the field and answers something else,
   * which would accuse an honest executor (docs/reference/protocol.md "Our node as validator").
   */
  readonly isEnforced: boolean;
}

export interface RequestRefusal {
  readonly status: 400;
  /** Names fields, never what stood in them. */
  readonly message: string;
  /** Said before any other fault: 400 and 422 count as a passed validation that nobody made. */
  readonly isEnforced: boolean;
}

/** Bodies up to here are parsed whole; larger ones are scanned, which costs a tenth. */
const parsedCharsMax = 8 * 1024;

/**
 * Reads one request, or says why it is refused. Never throws. Checked by hand and not by a schema: this stands on the
 * path of every request, and a schema costs more than all the rest of it.
 */
export function readInferenceRequest(kind: InferenceKind, raw: string): InferenceRequest | RequestRefusal {
  const isSmall = raw.length <= parsedCharsMax;
  const parsed = isSmall ? parsedJson(raw) : undefined;
  const fields = isSmall && parsed === undefined ? undefined : scanBody(raw);
  if (fields === undefined) return refusal('The request body is not a valid JSON object.', false);
  const isEnforced = fields.raw('enforced_str') !== undefined || fields.raw('enforced_tokens') !== undefined;
  const wrong = kind === 'chat' ? wrongMessages(fields, parsed?.value) : wrongPrompt(fields);
  const model = fields.raw('model');
  const stream = fields.raw('stream');
  const faults = [
    ...(wrong === undefined ? [] : [wrong]),
    ...(model !== undefined && !model.startsWith('"') ? ['model'] : []),
    ...(stream !== undefined && stream !== 'true' && stream !== 'false' ? ['stream'] : []),
  ];
  if (faults.length > 0) {
    const named = faults.map((name) => `"${name}" is missing or of the wrong type`);
    return refusal(`Invalid request: ${named.join('; ')}.`, isEnforced);
  }
  return {
    kind,
    fields,
    model: model === undefined ? null : ((parsedJson(model)?.value as string | undefined) ?? ''),
    isStream: stream === 'true',
    includesUsage: asksForUsage(fields.raw('stream_options')),
    isEnforced,
  };
}

const refusal = (message: string, isEnforced: boolean): RequestRefusal => ({
  status: 400,
  message,
  isEnforced,
});

/** The field that is wrong. Of a body that was only scanned, the list itself is looked at and not its messages. */
function wrongMessages(fields: BodyFields, parsed: unknown): string | undefined {
  const raw = fields.raw('messages');
  if (raw === undefined || !raw.startsWith('[') || /^\[\s*\]$/.test(raw)) return 'messages';
  if (parsed === undefined) return undefined;
  const { messages } = parsed as { messages: readonly unknown[] };
  for (const [index, message] of messages.entries()) {
    if (typeof message !== 'object' || message === null || Array.isArray(message)) return `messages.${index}`;
    if (typeof (message as { role?: unknown }).role !== 'string') return `messages.${index}.role`;
  }
  return undefined;
}

/** A text, a list of texts, or token ids. */
function wrongPrompt(fields: BodyFields): string | undefined {
  const raw = fields.raw('prompt');
  const isThere = raw !== undefined && (raw.startsWith('"') || /^\[\s*[^\s\]]/.test(raw));
  return isThere ? undefined : 'prompt';
}

function asksForUsage(raw: string | undefined): boolean {
  if (raw === undefined) return false;
  const value = parsedJson(raw)?.value;
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Record<string, unknown>)['include_usage'] === true
  );
}
