import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import { fieldErrors, noBody, noJson, unprocessable } from './fastapi-answer.ts';
import { parsedJson, rawBodyOf } from './raw-body.ts';

/** A checked body with its text as it came, or the answer that refuses it. */
export type JsonRequest<Body> =
  | { readonly body: Body; readonly raw: string }
  | { readonly refused: FastifyReply };

/**
 * Reads a body in FastAPI's own order: JSON at all, then `first` (the one-service rule), then the fields.
 * The parsed value decides; the text is what is passed on.
 */
export function jsonRequest<Body>(
  request: FastifyRequest,
  reply: FastifyReply,
  schema: ZodType<Body>,
  first: () => FastifyReply | undefined = () => undefined,
): JsonRequest<Body> {
  const raw = rawBodyOf(request);
  const parsed = parsedJson(raw);
  if (raw !== '' && !parsed) return { refused: unprocessable(reply, [noJson]) };
  const refused = first();
  if (refused) return { refused };
  if (!parsed) return { refused: unprocessable(reply, [noBody]) };
  const body = schema.safeParse(parsed.value);
  if (!body.success) return { refused: unprocessable(reply, fieldErrors(body.error, parsed.value)) };
  return { body: body.data, raw };
}
