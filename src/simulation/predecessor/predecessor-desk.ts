import type { PowCall, PowStatus } from '../../adapters/mlnode/interface.ts';
import type { ReverseReceiver } from '../../adapters/ssh/interface.ts';
import type { NetworkNode } from '../../adapters/network-node/interface.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { MlnodeDesk, PowReply, ServiceView } from '../../server/mlnode-api/desk.ts';
import { callbackTarget, relayUrl } from '../../server/relay/callback-target.ts';
import { rewriteInitUrl } from '../../server/relay/init-url.ts';
import { servedModel } from '../settings.ts';
import { type PredecessorMachine, predecessorCallbackPort } from './predecessor-machine.ts';

const statusPauseMs = 5_000;

export interface PredecessorDeskOptions {
  readonly clock: Clock;
  readonly networkNode: NetworkNode;
  /** The machine that is up. */
  machine(): PredecessorMachine | undefined;
  /** What the Network Node sees has changed. */
  onStir(): void;
  readonly signal: AbortSignal;
}

const stateAfter: Readonly<Partial<Record<PowCall, PowStatus['status'] | 'STOPPED'>>> = {
  init: 'IDLE',
  'init/generate': 'GENERATING',
  'init/validate': 'VALIDATING',
  'phase/generate': 'GENERATING',
  'phase/validate': 'VALIDATING',
  stop: 'STOPPED',
};

/** The old strategy's node: calls pass straight to the machine, callbacks straight to the Network Node, kept nowhere. */
export class PredecessorDesk implements MlnodeDesk {
  readonly #options: PredecessorDeskOptions;
  #state: ServiceView['state'] = 'INFERENCE';
  #pow: PowStatus = { status: 'IDLE', isModelInitialized: false };
  /** Where callbacks of the running PoC go. */
  #origin: string | undefined;
  #isLooking = false;

  constructor(options: PredecessorDeskOptions) {
    this.#options = options;
  }

  view(): ServiceView {
    const pow = this.#state === 'POW' ? this.#pow : null;
    return { state: this.#state, pow, isInferenceHealthy: true, expectedModel: servedModel };
  }

  async stop(): Promise<void> {
    this.#become('STOPPED');
    const { signal } = this.#options;
    void this.#options
      .machine()
      ?.mlnode()
      .stop(signal)
      .catch(() => {});
  }

  async inferenceUp(): Promise<void> {
    this.#become('INFERENCE');
  }

  async inferenceDown(): Promise<void> {
    this.#become('STOPPED');
  }

  async pow(call: PowCall, body: string): Promise<PowReply> {
    const machine = this.#options.machine();
    if (machine === undefined) return { kind: 'silence' };
    try {
      const forwarded = call.startsWith('init') ? this.#withOwnUrl(body) : body;
      const isBare = call.startsWith('phase/') || call === 'stop';
      const answer = await machine.mlnode().pow(call, isBare ? undefined : forwarded, this.#options.signal);
      if (answer.status < 200 || answer.status > 299) return { kind: 'silence' };
      const after = stateAfter[call];
      if (after === 'STOPPED') this.#become('STOPPED');
      else if (after !== undefined) this.#become('POW', after);
      return { kind: 'answer', ...answer };
    } catch {
      return { kind: 'silence' };
    }
  }

  /** What the machine posts is handed on at once; a failure is the machine's to repeat. */
  readonly receiver: ReverseReceiver = async ({ path, body }) => {
    if (this.#origin === undefined) return { status: 400, body: '' };
    try {
      await this.#options.networkNode.deliver({ url: this.#origin + path, body }, this.#options.signal);
      return { status: 200, body: '' };
    } catch {
      return { status: 503, body: '' };
    }
  };

  /** The machine went back. */
  machineGone(): void {
    if (this.#state === 'POW') this.#become('STOPPED');
  }

  #withOwnUrl(body: string): string {
    const { url } = JSON.parse(body) as { url: string };
    const { origin, basePath } = callbackTarget(url);
    this.#origin = origin;
    return rewriteInitUrl(body, relayUrl(predecessorCallbackPort, basePath));
  }

  #become(state: ServiceView['state'], status: PowStatus['status'] = 'IDLE'): void {
    this.#state = state;
    this.#pow = { status, isModelInitialized: state === 'POW' && this.#pow.isModelInitialized };
    this.#options.onStir();
    if (state === 'POW' && !this.#isLooking) void this.#look();
  }

  /** Follows the model on the machine, so that polls are answered at once. */
  async #look(): Promise<void> {
    const { clock, signal } = this.#options;
    this.#isLooking = true;
    while (this.#state === 'POW' && !signal.aborted) {
      const status = await this.#options
        .machine()
        ?.mlnode()
        .powStatus(signal)
        .catch(() => null);
      const isModelInitialized = status?.isModelInitialized ?? false;
      if (isModelInitialized !== this.#pow.isModelInitialized) this.#options.onStir();
      this.#pow = { ...this.#pow, isModelInitialized };
      await clock.sleep(statusPauseMs, signal).catch(() => {});
    }
    this.#isLooking = false;
  }
}
