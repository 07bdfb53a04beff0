import { json, type WorldResponse } from '../exchange.ts';
import { crashed, detail, unprocessable } from '../fastapi-answer.ts';
import { type InitRequest, type Read, readInitRequest, readProofBatch } from './mlnode-payloads.ts';
import type { MlnodeController } from './mlnode-controller.ts';

interface PowOptions {
  /** Throws when no GPU group can be formed. */
  readonly start: (request: InitRequest) => MlnodeController;
  /** Resolves when the workers and the sender of a stopped controller are gone. */
  readonly teardown: () => Promise<void>;
  readonly takeInitFault: () => boolean;
}

type InitMode = 'init' | 'init/generate' | 'init/validate';

/**
 * The eight calls of PoC v1 on `/api/v1/pow/*` (docs/reference/protocol.md "PoC v1"). Calls that start or stop
 * processes follow one another; status and validation are answered at any time.
 */
export class MlnodePow {
  readonly #options: PowOptions;
  #controller: MlnodeController | undefined;
  /** Kept over a stop, as the real manager keeps it. */
  #lastRequest: InitRequest | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PowOptions) {
    this.#options = options;
  }

  get controller(): MlnodeController | undefined {
    return this.#controller;
  }

  init(mode: InitMode, body: unknown): Promise<WorldResponse> {
    const read = readInitRequest(body);
    if ('errors' in read) return Promise.resolve(unprocessable(read.errors));
    if (mode === 'init/generate' && !hasNodeId(read.value)) return Promise.resolve(idsMissing());
    return this.#inTurn(() => this.#init(mode, read.value));
  }

  phaseGenerate(): WorldResponse {
    if (!this.#lastRequest) return crashed();
    if (!hasNodeId(this.#lastRequest)) return idsMissing();
    return this.#switch('GENERATE');
  }

  phaseValidate(): WorldResponse {
    return this.#switch('VALIDATE');
  }

  validate(body: unknown): WorldResponse {
    const read: Read<Parameters<MlnodeController['validate']>[0]> = readProofBatch(body);
    if ('errors' in read) return unprocessable(read.errors);
    if (!this.#controller) return notRunning();
    this.#controller.validate(read.value);
    return json(200, null);
  }

  status(): Record<string, unknown> {
    const controller = this.#controller;
    if (!controller) return { status: 'NOT_LOADED' };
    const { phase, isModelInitialized } = controller;
    const idle = isModelInitialized ? 'IDLE' : 'LOADING';
    const status = phase === 'IDLE' ? idle : phase === 'GENERATE' ? 'GENERATING' : 'VALIDATING';
    return { status, is_model_initialized: isModelInitialized };
  }

  stop(): Promise<WorldResponse> {
    return this.#inTurn(async () => {
      if (!this.#controller) return json(200, { status: 'OK', pow_status: 'PoW is not running' });
      await this.#teardown();
      return json(200, { status: 'OK', pow_status: this.status() });
    });
  }

  /** The process is gone. */
  kill(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  async #init(mode: InitMode, request: InitRequest): Promise<WorldResponse> {
    const isSame = JSON.stringify(this.#controller?.request) === JSON.stringify(request);
    if (mode === 'init' || !isSame) {
      if (this.#controller) await this.#teardown();
      this.#lastRequest = request;
      try {
        if (this.#options.takeInitFault()) return crashed();
        this.#controller = this.#options.start(request);
      } catch {
        return crashed();
      }
    }
    if (mode === 'init/generate') this.#controller?.setPhase('GENERATE');
    if (mode === 'init/validate') this.#controller?.setPhase('VALIDATE');
    return this.#ok();
  }

  #switch(phase: 'GENERATE' | 'VALIDATE'): WorldResponse {
    if (!this.#controller) return notRunning();
    this.#controller.setPhase(phase);
    return this.#ok();
  }

  async #teardown(): Promise<void> {
    this.#controller?.close();
    await this.#options.teardown();
    this.#controller = undefined;
  }

  #ok(): WorldResponse {
    return json(200, { status: 'OK', pow_status: this.status() });
  }

  #inTurn(work: () => Promise<WorldResponse>): Promise<WorldResponse> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

const hasNodeId = (request: InitRequest): boolean => request.node_id !== -1 && request.node_count !== -1;
const idsMissing = (): WorldResponse => detail(400, 'Node ID and node count must be set');
const notRunning = (): WorldResponse => detail(400, 'PoW is not running');
