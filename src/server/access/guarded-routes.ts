import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { detail } from '../mlnode-api/fastapi-answer.ts';
import { openaiError } from '../inference/openai-error.ts';
import { bodyBytesMax } from '../limits/body-limits.ts';
import type { InferenceLimits } from '../limits/inference-limits.ts';
import type { Caller, Gatekeeper } from './gatekeeper.ts';
import { type Plane, planeOf, type Surface } from './plane.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null until the gate has looked. */
    caller: Caller | null;
  }
}

export interface GuardOptions {
  readonly surface: Surface;
  readonly gatekeeper: Gatekeeper;
  readonly limits: InferenceLimits;
  /** Limit of an inference request's body. */
  readonly inferenceBodyBytesMax: number;
}

/**
 * Puts the gate before every route that is added from now on, and the limits before those that do inference. The
 * half is fixed by the route's pattern when it is added, so no spelling of a path leads around it. Limits stand
 * before no poll and no PoC call (invariant I12).
 */
export function guardRoutes(app: FastifyInstance, options: GuardOptions): void {
  app.decorateRequest('caller', null);
  app.addHook('onRoute', (route) => {
    const plane = planeOf(route.url, options.surface);
    const isWork = plane === 'inference' && [route.method].flat().includes('POST');
    route.bodyLimit ??= bodyBytesMax(route.url, plane, options.inferenceBodyBytesMax);
    const own = route.onRequest === undefined ? [] : [route.onRequest].flat();
    route.onRequest = [guard(options, plane, isWork), ...own];
  });
  // A path that does not exist has no route hooks: strangers learn nothing, whatever they ask for.
  app.addHook('onRequest', (request, reply, next) => {
    if (request.is404) guard(options, null, false)(request, reply, next);
    else next();
  });
}

type Hook = (request: FastifyRequest, reply: FastifyReply, next: () => void) => void;

function guard({ gatekeeper, limits }: GuardOptions, plane: Plane | null, isWork: boolean): Hook {
  return (request, reply, next) => {
    const admission = gatekeeper.admit(request.raw, plane);
    if ('refusal' in admission) {
      const { status, message } = admission.refusal;
      if (status === 401) void reply.header('www-authenticate', 'Bearer');
      void refuse(reply, plane, status, message, null);
      return;
    }
    request.caller = admission.caller;
    const refusal = isWork ? limits.enter(admission.caller, reply.raw) : undefined;
    if (refusal === undefined) return next();
    void reply.header('retry-after', String(refusal.retryAfterSeconds));
    void refuse(reply, plane, refusal.status, refusal.message, refusal.code);
  };
}

/** In the words of the half that was asked. */
const refuse = (
  reply: FastifyReply,
  plane: Plane | null,
  status: number,
  message: string,
  code: string | null,
): FastifyReply =>
  plane === 'inference'
    ? reply.code(status).send(openaiError(status, message, code))
    : detail(reply, status, message);
