import { json, type WorldRequest, type WorldResponse } from '../../src/world/exchange.ts';
import type { CheckOptions } from '../../src/conformance/check-node.ts';
import type { Mutation } from './node-case.ts';

/** One way to break one rule; made anew for each run, because some count. */
export interface Breach {
  readonly mutation: Mutation;
  /** The service in which the run finds the node. @default 'STOPPED' */
  readonly found?: 'INFERENCE';
  readonly options?: Partial<CheckOptions>;
}

/** Which of the answers are changed. */
export interface Which {
  /** `GET /api/v1/state`; the path exactly as sent. */
  readonly call: string | RegExp;
  readonly port?: 'management' | 'inference';
  /** By what was asked and what the conforming node answered. */
  readonly when?: (asked: WorldRequest, answered: WorldResponse) => boolean;
  /** Only calls after one of this name was answered. */
  readonly after?: string;
  /** By the number of the call among those that fit so far, from 1. @default every one */
  readonly nth?: (count: number) => boolean;
}

export const first = (count: number): boolean => count === 1;
export const second = (count: number): boolean => count === 2;

/** Changes answers of the node. */
export function answering(
  which: Which,
  change: (answer: WorldResponse) => Promise<WorldResponse> | WorldResponse,
): Breach {
  let count = 0;
  let isAfter = which.after === undefined;
  return {
    mutation: {
      answer: async (request, next, port) => {
        const name = `${request.method} ${request.path}`;
        const wasAfter = isAfter;
        const outcome = await next(request);
        if (name === which.after) isAfter = true;
        if (typeof outcome === 'string' || !wasAfter || !fits(which, name, port)) return outcome;
        if (which.when?.(request, outcome) === false) return outcome;
        count += 1;
        return which.nth?.(count) === false ? outcome : change(outcome);
      },
    },
  };
}

const fits = ({ call, port }: Which, name: string, at: string): boolean =>
  (port ?? at) === at && (typeof call === 'string' ? call === name : call.test(name));

/** Changes fields of a JSON answer. */
export const fields =
  (change: Readonly<Record<string, unknown>>) =>
  (answer: WorldResponse): WorldResponse =>
    json(answer.status, without({ ...(JSON.parse(textOf(answer)) as object), ...change }));

/** Another status, the body as it was. */
export const status =
  (code: number) =>
  (answer: WorldResponse): WorldResponse => ({ ...answer, status: code });

export const instead = (code: number, body: unknown) => (): WorldResponse => json(code, body);

export const late =
  (ms: number) =>
  (answer: WorldResponse): Promise<WorldResponse> =>
    new Promise((resolve) => {
      setTimeout(() => resolve(answer), ms);
    });

/** Changes callbacks before they are sent; `path` is the part that tells generation and kind. */
export const posting = (
  path: RegExp,
  change: (body: Record<string, unknown>) => object,
  url: (url: string) => string = (same) => same,
): Breach => ({
  mutation: {
    post: (call, next) =>
      path.test(call.url)
        ? next({ ...call, url: url(call.url), body: JSON.stringify(without(change(bodyOf(call.body)))) })
        : next(call),
  },
});

/** A sender that takes every answer for a success. */
export const neverAgain = (path: RegExp): Breach => ({
  mutation: {
    post: async (call, next) => {
      const answer = await next(call);
      return path.test(call.url) ? { ...answer, status: 200 } : answer;
    },
  },
  options: { waitMs: 500 },
});

const bodyOf = (body: string): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;

/** Whether a request's body is a JSON object that fits. */
export const asked =
  (fit: (body: Record<string, unknown>) => boolean) =>
  ({ body }: WorldRequest): boolean => {
    try {
      return fit(bodyOf(body));
    } catch {
      return false;
    }
  };

export const answered =
  (code: number, text = '') =>
  (_: unknown, answer: WorldResponse): boolean =>
    answer.status === code && textOf(answer).includes(text);

const textOf = ({ body }: WorldResponse): string => (typeof body === 'string' ? body : '');

/** Fields that are set to `undefined` are left out. */
const without = (value: object): object => JSON.parse(JSON.stringify(value)) as object;
