import type { FastifyReply } from 'fastify';
import type { ZodError } from 'zod';
import type { ServiceView } from './desk.ts';

/** One entry of a 422 answer. */
interface FieldError {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

/** The error shapes of FastAPI, which the real ML node answers with (docs/reference/protocol.md "One-service rule"). */
export const detail = (reply: FastifyReply, status: number, message: string): FastifyReply =>
  reply.code(status).send({ detail: message });

export const unprocessable = (reply: FastifyReply, errors: readonly FieldError[]): FastifyReply =>
  reply.code(422).send({ detail: errors });

export const noBody: FieldError = { type: 'missing', loc: ['body'], msg: 'Field required' };
export const noJson: FieldError = { type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error' };

/** The text of the one-service rule, 409. */
export const conflictText = (wanted: 'POW' | 'INFERENCE', state: ServiceView['state']): string =>
  `Cannot run ${wanted} because MLNode is currently in ServiceState.${state} mode. Please stop ServiceState.${state} first.`;

/** A zod refusal in FastAPI's words. Names fields, never their values. */
export function fieldErrors(error: ZodError, body: unknown): FieldError[] {
  return error.issues.map((issue) => {
    const loc = ['body', ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
    if (valueAt(body, issue.path) === undefined) return { type: 'missing', loc, msg: 'Field required' };
    const wanted = issue.code === 'invalid_type' ? (pythonTypes[issue.expected] ?? issue.expected) : 'value';
    return { type: `${wanted}_type`, loc, msg: `Input should be a valid ${wanted}` };
  });
}

const pythonTypes: Readonly<Record<string, string>> = { int: 'integer', object: 'dictionary' };

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
