import type { PowCall } from '../../src/adapters/mlnode/interface.ts';
import type { PowReply } from '../../src/server/mlnode-api/desk.ts';
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
