import { HybridError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import type { Transport, WireRequest, WireResponse } from '../transport.ts';
import { Pacer, type LaneName, type PacerClock } from './pacer.ts';

export interface VastLineOptions {
  /** Without a trailing slash; production: `https://console.vast.ai`. */
  readonly baseUrl: string;
  readonly apiKey: Secret;
  readonly transport: Transport;
  /** Pacing happens on this clock (the daemon's). */
  readonly clock: PacerClock;
  /** In [0, 1); spreads pauses after a 429. Default Math.random. */
  readonly random?: () => number;
}

export interface VastCall {
  readonly lane: LaneName;
  readonly method: WireRequest['method'];
  /** From `/api/` on, with the trailing slash, and the query if there is one. */
  readonly path: string;
  readonly body?: unknown;
  /** Real milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** An answer of any status but 429. */
export interface VastAnswer {
  readonly status: number;
  /** Undefined when the body is no JSON (an error page of the edge). */
  readonly value: unknown;
  /** `success` when it is stated. */
  readonly success: boolean | undefined;
  /** `error` and `msg` (or `message`, `detail`) in one lower-case text to look for codes in. */
  readonly text: string;
  /** For people: method, path, status and what was said, without secrets. */
  readonly summary: string;
}

/** One authenticated, paced connection to the API. It never retries: what a lost answer means, its caller knows. */
export class VastLine {
  readonly #options: VastLineOptions;
  readonly #pacer: Pacer;

  constructor(options: VastLineOptions) {
    this.#options = options;
    this.#pacer = new Pacer(options.clock, options.random);
  }

  /**
   * Throws ABORTED (nothing was sent), VAST_RATE_LIMITED, and the transport's WIRE_REFUSED (nothing was sent),
   * WIRE_TIMEOUT and WIRE_BROKEN. An abort after the request left is a WIRE_BROKEN too: it may have taken effect.
   */
  async call(call: VastCall): Promise<VastAnswer> {
    await this.#pacer.turn(call.lane, call.signal);
    const response = await this.#exchange(call);
    const answer = this.#read(call, response);
    if (
      response.status === 429 ||
      (response.status < 500 && /rate_limit_exceeded|too frequent/.test(answer.text))
    ) {
      const pauseMs = Math.round(this.#pacer.refused(call.lane));
      throw new HybridError({ code: 'VAST_RATE_LIMITED', message: answer.summary, pauseMs });
    }
    this.#pacer.answered(call.lane);
    return answer;
  }

  async #exchange(call: VastCall): Promise<WireResponse> {
    const { baseUrl, apiKey, transport } = this.#options;
    try {
      return await transport({
        method: call.method,
        url: baseUrl + call.path,
        headers: {
          authorization: `Bearer ${apiKey.reveal()}`,
          accept: 'application/json',
          ...(call.method === 'GET' ? {} : { 'content-type': 'application/json' }),
        },
        ...(call.method === 'GET' ? {} : { body: JSON.stringify(call.body ?? {}) }),
        timeoutMs: call.timeoutMs,
        signal: call.signal,
      });
    } catch (error) {
      this.#pacer.answered(call.lane);
      if (error instanceof HybridError && error.code === 'ABORTED') {
        throw new HybridError({ code: 'WIRE_BROKEN', message: `${error.message} (abandoned in flight)` });
      }
      throw error;
    }
  }

  #read(call: VastCall, response: WireResponse): VastAnswer {
    const value = parsed(response.body);
    const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    const said = [fields['error'], fields['msg'] ?? fields['message'] ?? fields['detail']]
      .filter((part) => typeof part === 'string')
      .join(': ');
    // A 429 may be plain text; an HTML page says nothing worth repeating.
    const plain = value === undefined && !/<html|<!doctype/i.test(response.body) ? response.body : '';
    const words = (said || plain).split(this.#options.apiKey.reveal()).join('[redacted]').slice(0, 300);
    const path = call.path.split('?', 1)[0];
    const kind = value === undefined ? ' (no JSON)' : '';
    return {
      status: response.status,
      value,
      success: typeof fields['success'] === 'boolean' ? fields['success'] : undefined,
      text: words.toLowerCase(),
      summary: `Vast.ai, ${call.method} ${path}: ${response.status}${kind}${words && ` ${words}`}`,
    };
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
