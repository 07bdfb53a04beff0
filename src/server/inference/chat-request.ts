import { z } from 'zod';
import { parsedJson } from '../mlnode-api/raw-body.ts';

export interface ChatRequest {
  /** As it came: integers beyond 2^53 keep their digits. */
  readonly raw: string;
  readonly isStream: boolean;
}

export interface ChatRefusal {
  readonly status: 400 | 404 | 503;
  /** Names fields, never what stood in them. */
  readonly message: string;
  readonly code: string | null;
}

export type ChatReading = { readonly request: ChatRequest } | { readonly refusal: ChatRefusal };

const chatBody = z.looseObject({
  model: z.string().nullish(),
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  stream: z.boolean().nullish(),
});

/** Reads one chat request for `model`, or says why it is refused. Never throws. */
export function readChatRequest(raw: string, model: string): ChatReading {
  const parsed = parsedJson(raw);
  if (!parsed) return refuse(400, 'The request body is not valid JSON.');
  if (isEnforced(parsed.value)) {
    return refuse(503, 'This node does not validate inferences.', 'validation_unavailable');
  }
  const body = chatBody.safeParse(parsed.value);
  if (!body.success) return refuse(400, `Invalid request: ${fieldsOf(body.error)}.`);
  const asked = body.data.model;
  if (typeof asked === 'string' && asked !== model) {
    return refuse(404, 'This node does not serve the requested model.', 'model_not_found');
  }
  return { request: { raw, isStream: body.data.stream === true } };
}

/**
 * A validator's replay asks for exactly these tokens. An API ignores the fields and answers something else, which
 * would accuse an honest executor; 400 and 422 count as "validation passed" without anybody having looked. 503 is
 * the only honest answer (docs/reference/protocol.md "Our node as validator").
 */
function isEnforced(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  const { enforced_str: text, enforced_tokens: tokens } = body as Record<string, unknown>;
  return (text !== undefined && text !== null) || (tokens !== undefined && tokens !== null);
}

const refuse = (status: ChatRefusal['status'], message: string, code: string | null = null): ChatReading => ({
  refusal: { status, message, code },
});

const fieldsOf = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map((issue) => `"${issue.path.map(String).join('.') || 'body'}" is missing or of the wrong type`)
    .join('; ');
