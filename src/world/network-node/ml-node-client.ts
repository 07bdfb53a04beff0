import type { Outbound, WorldAnswer } from '../exchange.ts';
import type { NodeConfig } from './node-record.ts';

/** Go's default client limit for commands, and the one of status polls; real milliseconds, as all limits of I/O. */
const commandTimeoutMs = 15 * 60_000;
export const pollTimeoutMs = 5_000;

const userAgent = { 'user-agent': 'Go-http-client/1.1' };

/** Calls to one ML node as the Network Node's Go client makes them: no content type, no retries. */
export class MlNodeClient {
  readonly #call: Outbound;
  readonly #config: NodeConfig;
  readonly #nodeVersion: string;
  constructor(call: Outbound, config: NodeConfig, nodeVersion: string) {
    this.#call = call;
    this.#config = config;
    this.#nodeVersion = nodeVersion;
  }

  managementUrl(path: string): string {
    return this.#url(this.#config.poc_port, this.#config.poc_segment, path);
  }

  inferenceUrl(path: string): string {
    return this.#url(this.#config.inference_port, this.#config.inference_segment, path);
  }

  async get(url: string, signal?: AbortSignal, timeoutMs = commandTimeoutMs): Promise<WorldAnswer> {
    return this.#call({ method: 'GET', url, headers: userAgent, body: '', timeoutMs, ...given(signal) });
  }

  /** `body` undefined: nothing at all is sent, as in `stop`. */
  async post(path: string, body: unknown, signal?: AbortSignal): Promise<WorldAnswer> {
    return this.#call({
      method: 'POST',
      url: this.managementUrl(path),
      headers: userAgent,
      body: body === undefined ? '' : JSON.stringify(body),
      timeoutMs: commandTimeoutMs,
      ...given(signal),
    });
  }

  /** As the calls of PoC v2 are made: a status from 400 on, or a body that is no JSON, throws. */
  async postForJson(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    const answer = await this.post(path, body, signal);
    if (answer.status >= 400)
      throw new Error(`${path} answered ${answer.status}: ${answer.body.slice(0, 200)}`);
    return JSON.parse(answer.body);
  }

  #url(port: number, segment: string, path: string): string {
    const version = this.#nodeVersion === '' ? '' : `/${this.#nodeVersion}`;
    return `http://${this.#config.host}:${port}${version}${segment}${path}`;
  }
}

const given = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

/** A field of a 200 answer's JSON, undefined for any other answer. */
export function fieldOf(answer: WorldAnswer, field: string): unknown {
  if (answer.status !== 200) return undefined;
  try {
    // Polls ask for several fields of one answer, and mostly hear what they heard before.
    if (last?.body !== answer.body)
      last = { body: answer.body, value: JSON.parse(answer.body) as Fields | null };
    return last.value?.[field];
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;
let last: { readonly body: string; readonly value: Fields | null } | undefined;

/** `status` of `inference/pow/status`; errors are ignored, as they are there. */
export async function pocV2StatusOf(
  client: MlNodeClient,
  signal?: AbortSignal,
  timeoutMs?: number,
): Promise<unknown> {
  try {
    const url = client.managementUrl('/api/v1/inference/pow/status');
    return fieldOf(await client.get(url, signal, timeoutMs), 'status');
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

/** Whether the node answers `state` at all, for the admin API's version check. */
export async function isNodeAlive(client: MlNodeClient): Promise<{ is_alive: boolean; error: string }> {
  try {
    const answer = await client.get(client.managementUrl('/api/v1/state'), undefined, pollTimeoutMs);
    const isUp = fieldOf(answer, 'state') !== undefined;
    return { is_alive: isUp, error: isUp ? '' : `state answered ${answer.status}` };
  } catch (error) {
    return { is_alive: false, error: error instanceof Error ? error.message : String(error) };
  }
}
