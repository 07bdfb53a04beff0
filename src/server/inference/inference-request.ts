import { BodyFields } from './body-fields.ts';

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

/**
 * Reads one request, or says why it is refused. Never throws. Checked by hand and not by a schema: this stands on the
 * path of every request, and a schema costs more than all the rest of it.
 */
export function readInferenceRequest(kind: InferenceKind, raw: string): InferenceRequest | RequestRefusal {
  const fields = BodyFields.of(raw);
  if (fields === undefined) return refusal('The request body is not a valid JSON object.', false);
  const isEnforced = fields.has('enforced_str') || fields.has('enforced_tokens');
  const wrong = kind === 'chat' ? wrongMessages(fields) : wrongPrompt(fields);
  const faults = [
    ...(wrong === undefined ? [] : [wrong]),
    ...(isWrong(fields, 'model', 'string') ? ['model'] : []),
    ...(isWrong(fields, 'stream', 'boolean') ? ['stream'] : []),
  ];
  if (faults.length > 0) {
    const named = faults.map((name) => `"${name}" is missing or of the wrong type`);
    return refusal(`Invalid request: ${named.join('; ')}.`, isEnforced);
  }
  return {
    kind,
    fields,
    model: (fields.value('model') as string | undefined) ?? null,
    isStream: fields.value('stream') === true,
    includesUsage: asksForUsage(fields.value('stream_options')),
    isEnforced,
  };
}

const refusal = (message: string, isEnforced: boolean): RequestRefusal => ({
  status: 400,
  message,
  isEnforced,
});

const isWrong = (fields: BodyFields, name: string, type: 'string' | 'boolean'): boolean =>
  fields.has(name) && typeof fields.value(name) !== type;

/** The field that is wrong. Of a large body the list itself is looked at and not its messages. */
function wrongMessages(fields: BodyFields): string | undefined {
  if (!fields.isParsed) {
    const raw = fields.raw('messages');
    return raw === undefined || !raw.startsWith('[') || /^\[\s*\]$/.test(raw) ? 'messages' : undefined;
  }
  const messages = fields.value('messages');
  if (!Array.isArray(messages) || messages.length === 0) return 'messages';
  for (const [index, message] of (messages as unknown[]).entries()) {
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

const asksForUsage = (options: unknown): boolean =>
  typeof options === 'object' &&
  options !== null &&
  (options as Record<string, unknown>)['include_usage'] === true;
