import type { PocV2Call, PowCall } from '../../src/adapters/mlnode/interface.ts';
import type { JsonReply, PowReply } from '../../src/server/mlnode-api/desk.ts';
import { NotingDesk } from './gateway-case.ts';

const phases: Partial<Record<PowCall, 'IDLE' | 'GENERATING' | 'VALIDATING'>> = {
  init: 'IDLE',
  'init/generate': 'GENERATING',
  'init/validate': 'VALIDATING',
  'phase/generate': 'GENERATING',
  'phase/validate': 'VALIDATING',
};

/**
 * A desk in whose machine everything works: it does what it is told and answers PoC calls with the words of the real
 * node (docs/reference/protocol.md "PoC v1 endpoints").
 */
export class ObedientDesk extends NotingDesk {
  /** False: every PoC work call stays unanswered. */
  hasMachine = true;
  #looks = 0;
  /** True: the machine refuses PoC v2 now and then, in all the ways of a real one. */
  isMoody = false;

  override stop = async (): Promise<void> => this.#now('stop', 'STOPPED');
  override inferenceUp = async (body: string): Promise<void> => this.#now(`up ${body}`, 'INFERENCE');
  override inferenceDown = async (): Promise<void> => this.#now('down', 'STOPPED');
  override pow = async (call: PowCall, body: string): Promise<PowReply> => {
    this.calls.push(`${call} ${body}`.trim());
    if (!this.hasMachine) return { kind: 'silence' };
    const isRunning = this.now.state === 'POW';
    if (call === 'stop') {
      this.now = { ...this.now, state: 'STOPPED', pow: null };
      return told({ status: 'OK', pow_status: isRunning ? { status: 'NOT_LOADED' } : 'PoW is not running' });
    }
    if (!isRunning && !call.startsWith('init')) return told({ detail: 'PoW is not running' }, 400);
    if (call === 'validate') return told(null);
    const status = phases[call] ?? 'IDLE';
    const isModelInitialized = this.now.pow?.isModelInitialized ?? false;
    this.now = { ...this.now, state: 'POW', pow: { status, isModelInitialized } };
    return told({ status: 'OK', pow_status: { status, is_model_initialized: isModelInitialized } });
  };

  pocV2 = async (call: PocV2Call, body: string): Promise<JsonReply> => {
    this.calls.push(`inference/pow/${call} ${body}`.trim());
    if (!this.hasMachine) return call === 'stop' ? json(200, nothingToStop) : json(503, noBackEnds);
    return this.#pocV2Mood(call, body) ?? this.#pocV2Taken(call);
  };
  pocV2Result = async (): Promise<JsonReply> => {
    if (!this.hasMachine) return json(404, { detail: 'Request not found' });
    const moods = [
      json(200, { status: 'queued' }),
      json(502, { detail: 'Backend is gone' }),
      json(503, noBackEnds),
    ];
    this.#looks += 1;
    return moods[this.#looks % moods.length] ?? json(404, { detail: 'Request not found' });
  };

  /** Whatever a real machine may refuse, by the length of the body; the bodies of the traces are taken. */
  #pocV2Mood(call: PocV2Call, body: string): JsonReply | undefined {
    if (!this.isMoody) return undefined;
    const refusals = call === 'stop' ? [503] : call === 'init/generate' ? [502, 503] : [400, 409, 429, 502];
    const status = refusals[body.length % (refusals.length + 3)];
    return status === undefined ? undefined : json(status, { detail: { error: 'no' } });
  }

  #pocV2Taken(call: PocV2Call): JsonReply {
    const results = [{ port: 5001, status: 'OK' }];
    const isInference = this.now.state === 'INFERENCE';
    if (call === 'stop') {
      this.now = { ...this.now, pocV2: { status: 'IDLE', backEnds: [] } };
      return json(200, { status: 'OK', results: [{ port: 5001, status: 'stopped' }], errors: null });
    }
    if (!isInference) return json(503, noBackEnds);
    const status = call === 'generate' ? 'VALIDATING' : 'GENERATING';
    this.now = { ...this.now, pocV2: { status, backEnds: [] } };
    return call === 'generate'
      ? json(200, { status: 'queued', request_id: '5001:0a', queued_count: 2 })
      : json(200, { status: 'OK', backends: 1, n_groups: 1, results, errors: null });
  }

  /** Some time after an init. */
  modelLoaded(): void {
    const { pow } = this.now;
    if (pow !== null) this.now = { ...this.now, pow: { ...pow, isModelInitialized: true } };
  }

  #now(call: string, state: 'INFERENCE' | 'STOPPED'): void {
    this.calls.push(call);
    this.now = { ...this.now, state, pow: null };
  }
}

const told = (value: unknown, status = 200): PowReply => ({
  kind: 'answer',
  status,
  body: JSON.stringify(value),
});

const json = (status: number, value: unknown): JsonReply => ({ status, body: JSON.stringify(value) });
const noBackEnds = { detail: 'No vLLM backends available' };
const nothingToStop = { status: 'OK', message: 'No backends to stop' };
