import type { Outbound, WorldAnswer, WorldCall } from '../../../src/world/exchange.ts';
import type { PowInitBody } from '../../../src/world/network-node/pow-init-body.ts';
import type { ProofBatch } from '../../../src/world/network-node/proof-batch.ts';

export interface SeenCall {
  /** `GET state`, `POST stop`, `GET :inference/health` … without origin and `/api/v1/`. */
  readonly name: string;
  readonly call: WorldCall;
}

/** An ML node that obeys the one-service rule and answers at once; every call is noted. */
export class ScriptedMlNode {
  readonly seen: SeenCall[] = [];
  state: 'STOPPED' | 'INFERENCE' | 'POW' = 'INFERENCE';
  phase: 'GENERATING' | 'VALIDATING' = 'GENERATING';
  model = 'Qwen/QwQ-32B';
  init: PowInitBody | undefined;
  readonly posted: ProofBatch[] = [];
  /** Called before a call is answered; its answer or rejection replaces the usual one. */
  intercept: (name: string, call: WorldCall) => Promise<WorldAnswer> | undefined = () => undefined;
  onCall: (name: string) => void = () => undefined;

  readonly call: Outbound = async (call) => {
    const url = new URL(call.url);
    const prefix = url.port === '5050' ? ':inference' : '';
    const path = url.pathname.replace(/^.*\/api\/v1\//, '');
    const name = `${call.method} ${prefix}${path}`;
    this.seen.push({ name, call });
    this.onCall(name);
    return (await this.intercept(name, call)) ?? this.#answer(name.split(' ')[1] ?? '', call);
  };

  names(): string[] {
    return this.seen.map(({ name }) => name);
  }

  #answer(path: string, call: WorldCall): WorldAnswer {
    switch (path) {
      case 'state':
        return ok({ state: this.state });
      case 'stop':
        this.state = 'STOPPED';
        return ok({ status: 'OK' });
      case 'inference/up':
        this.state = 'INFERENCE';
        return ok({ status: 'OK' });
      case ':inference/health':
        return { status: this.state === 'INFERENCE' ? 200 : 503, body: '' };
      case ':inference/v1/models':
        return ok({ data: [{ id: this.model }] });
      default:
        return this.#pow(path, call);
    }
  }

  #pow(path: string, call: WorldCall): WorldAnswer {
    if (this.state === 'INFERENCE') return { status: 409, body: '{"detail":"Cannot run POW"}' };
    if (path === 'pow/status') return ok({ status: this.phase, is_model_initialized: true });
    if (path === 'pow/validate') this.posted.push(JSON.parse(call.body) as ProofBatch);
    else this.init = JSON.parse(call.body) as PowInitBody;
    this.state = 'POW';
    if (path === 'pow/init/generate') this.phase = 'GENERATING';
    if (path === 'pow/init/validate') this.phase = 'VALIDATING';
    return ok({ status: 'OK' });
  }
}

const ok = (value: unknown): WorldAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
