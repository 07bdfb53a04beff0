import type { FastifyReply } from 'fastify';
import { z, type ZodError } from 'zod';
import type { ServiceView } from './desk.ts';

const fieldError = z.strictObject({
  type: z.string(),
  loc: z.array(z.union([z.string(), z.number()])),
  msg: z.string(),
});
/** One entry of a 422 answer. */
type FieldError = z.infer<typeof fieldError>;

export const detailAnswer = z.strictObject({ detail: z.string() });
export const fieldErrorsAnswer = z.strictObject({ detail: z.array(fieldError).min(1) });

/** The error shapes of FastAPI, which the real ML node answers with (docs/reference/protocol.md "One-service rule"). */
export const detail = (reply: FastifyReply, status: number, message: string): FastifyReply =>
  reply.code(status).send({ detail: message } satisfies z.infer<typeof detailAnswer>);

export const unprocessable = (reply: FastifyReply, errors: FieldError[]): FastifyReply =>
  reply.code(422).send({ detail: errors } satisfies z.infer<typeof fieldErrorsAnswer>);

export const noBody: FieldError = { type: 'missing', loc: ['body'], msg: 'Field required' };
export const noJson: FieldError = { type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error' };

/** The one-service rule: 409 while another service than `wanted` runs, GETs included; undefined when it may run. */
export function conflict(
  reply: FastifyReply,
  wanted: 'POW' | 'INFERENCE' | 'TRAIN',
  { state }: ServiceView,
): FastifyReply | undefined {
  if (state === 'STOPPED' || state === wanted) return undefined;
  return detail(
    reply,
    409,
    `Cannot run ${wanted} because MLNode is currently in ServiceState.${state} mode. Please stop ServiceState.${state} first.`,
  );
}

/** A zod refusal in FastAPI's words. Names fields, never their values. */
export function fieldErrors(error: ZodError, body: unknown): FieldError[] {
  return error.issues.flatMap((issue): FieldError[] => {
    const loc = ['body', ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
    if (valueAt(body, issue.path) === undefined) return [{ type: 'missing', loc, msg: 'Field required' }];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        type: 'extra_forbidden',
        loc: [...loc, key],
        msg: 'Extra inputs are not permitted',
      }));
    }
    return [{ loc, ...wordsOf(issue) }];
  });
}

function wordsOf(issue: z.core.$ZodIssue): { type: string; msg: string } {
  if (issue.code === 'custom' && typeof issue.params?.['type'] === 'string')
    return { type: issue.params['type'], msg: issue.message };
  const expected = issue.code === 'invalid_type' ? issue.expected : 'value';
  return pydanticWords[expected] ?? { type: `${expected}_type`, msg: `Input should be a valid ${expected}` };
}

const pydanticWords: Readonly<Record<string, { type: string; msg: string }>> = {
  object: {
    type: 'model_attributes_type',
    msg: 'Input should be a valid dictionary or object to extract fields from',
  },
  array: { type: 'list_type', msg: 'Input should be a valid list' },
};

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
