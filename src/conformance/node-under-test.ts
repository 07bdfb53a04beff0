import { z } from 'zod';
import { HybridError } from '../errors.ts';
import type { Transport, WireRequest } from '../adapters/transport.ts';
import { type Answer, readable } from './answer.ts';
import type { CallbackReceiver } from './callback-receiver.ts';
import { newRunMemory, type RunMemory } from './run-memory.ts';
import { Broken, NotApplicable } from './rule.ts';

const serviceStates = ['POW', 'INFERENCE', 'TRAIN', 'STOPPED'] as const;
export type ServiceState = (typeof serviceStates)[number];
export const stateAnswer = z.object({ state: z.enum(serviceStates) });

export interface NodeUnderTestOptions {
  /** Management API, no trailing slash: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where the node serves inference; absent = on the same port. */
  readonly inferenceUrl?: string;
  /** Must send bodies without a Content-Type unless one is given, as the Network Node does. */
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** Within how many milliseconds polls have to be answered. */
  readonly pollLimitMs: number;
  /** How long a model, a stop or a callback may take, real milliseconds. */
  readonly waitMs: number;
  /** Between two looks at something that is awaited, real milliseconds. */
  readonly pauseMs: number;
  /** Path segment of an upgrade, without slashes: `v3.0.8`. */
  readonly versionPrefix: string;
  /** Model to start; absent = the one that is up. */
  readonly model?: string;
  /** Where callbacks arrive; absent = nobody looks at them. */
  readonly callbacks?: CallbackReceiver;
}

export interface Sending {
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Absent = none, as the Network Node sends. */
  readonly contentType?: string;
  /** Real milliseconds; default what the Network Node allows a poll. */
  readonly limitMs?: number;
}

/** Limit of the Network Node for one poll (docs/reference/protocol.md "Status poll"). */
const pollTimeoutMs = 5_000;

/** The node that is checked: how it is called, and what this run knows of it. */
export class NodeUnderTest {
  readonly options: NodeUnderTestOptions;
  readonly memory: RunMemory = newRunMemory();
  constructor(options: NodeUnderTestOptions) {
    this.options = options;
  }

  /** A call to the management API. */
  manage(method: WireRequest['method'], path: string, sending: Sending = {}): Promise<Answer> {
    return this.#call(this.options.url, method, path, sending);
  }

  /** A call to the inference API; null when nothing listens, which is how a real node without a model looks. */
  async infer(method: WireRequest['method'], path: string, sending: Sending = {}): Promise<Answer | null> {
    try {
      return await this.#call(this.options.inferenceUrl ?? this.options.url, method, path, sending);
    } catch (error) {
      if (error instanceof HybridError && error.code === 'WIRE_REFUSED') return null;
      throw error;
    }
  }

  /** A call that may load a model or stop one. */
  work(path: string, body?: unknown): Promise<Answer> {
    const sending = { limitMs: this.options.waitMs };
    return this.manage('POST', path, body === undefined ? sending : { ...sending, body });
  }

  /** Throws NotApplicable when the answer cannot be read: a rule of its own says so. */
  async state(): Promise<ServiceState> {
    const answer = await this.manage('GET', '/api/v1/state');
    const seen = answer.status === 200 ? readable(answer, stateAnswer) : null;
    if (seen === null) throw new NotApplicable('GET /api/v1/state cannot be read');
    return seen.state;
  }

  async expectState(due: ServiceState): Promise<void> {
    const state = await this.state();
    if (state !== due) throw new Broken(`the state is ${state}, where ${due} is due`);
  }

  /** Looks again and again until there is something. Throws Broken when the wait was in vain. */
  async waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const { waitMs, pauseMs, signal } = this.options;
    const until = performance.now() + waitMs;
    for (;;) {
      const seen = await look();
      if (seen !== undefined) return seen;
      if (performance.now() >= until) throw new Broken(`${what} did not come within ${waitMs / 1000} s`);
      await pause(pauseMs, signal);
    }
  }

  async #call(
    base: string,
    method: WireRequest['method'],
    path: string,
    { body, contentType, limitMs }: Sending,
  ): Promise<Answer> {
    const startedAt = performance.now();
    const response = await this.options.transport({
      method,
      url: `${base}${path}`,
      timeoutMs: limitMs ?? pollTimeoutMs,
      signal: this.options.signal,
      ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { ...response, what: `${method} ${path}`, ms: performance.now() - startedAt };
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abandon);
      resolve();
    }, ms);
    const abandon = (): void => {
      clearTimeout(timer);
      reject(new HybridError({ code: 'ABORTED', message: 'the check was abandoned' }));
    };
    if (signal.aborted) abandon();
    else signal.addEventListener('abort', abandon, { once: true });
  });
}
