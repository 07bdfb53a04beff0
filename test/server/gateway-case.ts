import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { PowCall } from '../../src/adapters/mlnode/interface.ts';
import { createGateway, type GatewayOptions } from '../../src/server/gateway.ts';
import { newInferenceCounters } from '../../src/server/inference/counters.ts';
import type { InferenceCaller, InferenceUsage } from '../../src/server/inference/desk.ts';
import type { MlnodeDesk, PowReply, ServiceView } from '../../src/server/mlnode-api/desk.ts';
import { backEndCase, deskOf, theirModel } from './back-end-case.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

export const model = 'Qwen/Qwen3-32B-FP8';

/** A desk that notes what reaches it and answers as it is told. */
export class NotingDesk implements MlnodeDesk {
  now: ServiceView = { state: 'INFERENCE', pow: null, isInferenceHealthy: true, expectedModel: model };
  readonly calls: string[] = [];
  powReply: () => Promise<PowReply> = async () => ({ kind: 'answer', status: 200, body: '{"status":"OK"}' });
  act: () => Promise<void> = async () => undefined;

  view = () => this.now;
  stop = () => this.#note('stop');
  inferenceUp = (body: string) => this.#note(`up ${body}`);
  inferenceDown = () => this.#note('down');
  pow = (call: PowCall, body: string) => {
    this.calls.push(`${call} ${body}`.trim());
    return this.powReply();
  };
  #note(call: string): Promise<void> {
    this.calls.push(call);
    return this.act();
  }
}

/** A listening gateway with its desks; `log` holds everything that it logged. */
export async function gatewayCase(options: Partial<GatewayOptions> = {}) {
  const desk = new NotingDesk();
  const upstream = new ScriptedUpstream();
  const usages: InferenceUsage[] = [];
  const backEnd = backEndCase(upstream);
  const caller: { kind: InferenceCaller['kind'] } = { kind: 'networkNode' };
  const counters = newInferenceCounters();
  const log: string[] = [];
  const app = createGateway({
    desk,
    inference: deskOf(model, [{ backEnd, model: theirModel }], {
      callerOf: () => ({ kind: caller.kind, id: 'someone' }),
      account: (usage) => void usages.push(usage),
    }),
    nodeId: 'hybrid-1',
    log: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
    counters,
    drainTimeoutMs: 200,
    ...options,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(origin + path, {
      method: 'POST',
      headers,
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? Buffer.from(body) : JSON.stringify(body) }),
    });
  const get = (path: string): Promise<Response> => fetch(origin + path);
  return { app, desk, upstream, backEnd, caller, usages, counters, log, origin, port, post, get };
}
export type GatewayCase = Awaited<ReturnType<typeof gatewayCase>>;

export const initBody = {
  node_id: 1,
  node_count: 2,
  block_hash: 'ABCDEF',
  block_height: 2_089_140,
  public_key: '02ff',
  batch_size: 100,
  r_target: 1.398077,
  fraud_threshold: 1e-7,
  params: { dim: 1792, a_field_of_tomorrow: 1 },
  url: 'http://api:9100/v1/poc-batches',
};
