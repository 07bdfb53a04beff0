import type { WorldClock } from '../clock.ts';
import type { Outbound } from '../exchange.ts';
import type { FaultBoard } from '../neighbour.ts';
import type { Random } from '../random.ts';
import type { Gpu } from './gpu-groups.ts';
import type { MlnodeBooks } from './mlnode-books.ts';
import type { MlnodeImage } from './mlnode-image.ts';
import { MlnodeInference, type ModelOrder } from './mlnode-inference.ts';
import { MlnodePocV2 } from './mlnode-poc-v2.ts';
import { ModelCache } from './model-cache.ts';
import { modelGb, modelLoadMedianMs, modelRamMb } from './model-size.ts';
import { VllmBackEnd } from './vllm-back-end.ts';
import { vllmChat } from './vllm-chat.ts';
import { vllmGroups, vllmNoncesPerMinute } from './vllm-groups.ts';

/** How much PoC v2 a machine plays; real machines compute thousands of nonces in one stage. */
export interface PocV2Rate {
  /** Nonces a minute of one GPU. Default: the published figures by the GPU's name. */
  readonly noncesPerMinutePerGpu?: number;
  /** Nonces in one batch. Default 32. */
  readonly batchSize?: number;
}

export interface MlnodeVllmOptions {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly gpus: readonly Gpu[];
  readonly post: Outbound;
  readonly books: MlnodeBooks;
  readonly faults: FaultBoard;
  readonly image: MlnodeImage;
  /** World milliseconds until vLLM is healthy, weights on disk. Default: by the model's size. */
  readonly inferenceStartMs: number | undefined;
  /** Mb/s. Default 1 000. */
  readonly inetDownMbps: number | undefined;
  readonly pocV2: PocV2Rate | undefined;
  /** Generation was started. */
  readonly onGenerating: () => void;
}

/** The ML node gives a start so long (docs/reference/protocol.md "Inference control"). */
const startLimitMs = 1_200_000;
const firstPort = 5_001;

/** Everything of the ML node that is vLLM: its start, its back ends, the weights, PoC v2 inside it. */
export class MlnodeVllm {
  readonly inference: MlnodeInference;
  readonly pocV2: MlnodePocV2;
  readonly cache: ModelCache;
  readonly #options: MlnodeVllmOptions;
  #backEnds: readonly VllmBackEnd[] = [];

  constructor(options: MlnodeVllmOptions) {
    this.#options = options;
    const { clock, random, faults, image } = options;
    this.cache = new ModelCache({
      clock,
      inetDownMbps: options.inetDownMbps ?? 1_000,
      gbOf: modelGb,
      takeFailure: () => faults.take('downloadFails'),
    });
    this.pocV2 = new MlnodePocV2({
      backEnds: () => this.#backEnds,
      batchSize: options.pocV2?.batchSize ?? 32,
      saysValidating: image.isTalkative,
      onGenerating: options.onGenerating,
    });
    this.inference = new MlnodeInference({
      clock,
      start: (order) => this.#start(order),
      stopMs: () => Math.min(30_000, random.lognormal(8_000, 20_000)),
      onUp: (order) => (this.#backEnds = image.hasPocV2 ? this.#makeBackEnds(order) : []),
      onDown: ({ model }) => this.#fall(model),
      chat: (request, model) =>
        vllmChat({ clock, model, isGenerating: () => this.pocV2.isGenerating }, request),
    });
  }

  close(): void {
    this.inference.close();
    this.cache.close();
  }

  #start({ model, args }: ModelOrder): { ms: number; failure?: string } {
    const { random, image, faults, gpus, inferenceStartMs } = this.#options;
    const factor = faults.get('loadSlow') || 1;
    if (!image.hasPocV2) return { ms: (inferenceStartMs ?? random.lognormal(120_000, 300_000)) * factor };
    const medianMs = modelLoadMedianMs(modelGb(model));
    const loadMs = (inferenceStartMs ?? random.lognormal(medianMs, 1.3 * medianMs)) * factor;
    const [group] = vllmGroups(gpus, args);
    if (group === undefined) return { ms: 5_000, failure: 'vLLM failed to start: not enough GPUs' };
    const fetched = this.cache.fetch(model);
    if (fetched.isFailing)
      return { ms: fetched.ms, failure: `vLLM failed to start: ${model} could not be downloaded` };
    const ramMb = group.reduce((sum, gpu) => sum + gpu.ramMb, 0);
    const isTooBig = ramMb < modelRamMb(modelGb(model)) || faults.take('oomAtLoad');
    const ms = fetched.ms + (isTooBig ? 0.4 : 1) * loadMs;
    if (ms > startLimitMs)
      return { ms: startLimitMs, failure: 'vLLM did not become healthy within 1200 seconds' };
    return isTooBig
      ? { ms, failure: 'vLLM failed to start: torch.OutOfMemoryError: CUDA out of memory.' }
      : { ms };
  }

  #makeBackEnds({ model, args }: ModelOrder): readonly VllmBackEnd[] {
    const { clock, random, post, books, faults, gpus, pocV2 } = this.#options;
    return vllmGroups(gpus, args).map((group, number) => {
      const perMinute = group.reduce(
        (sum, gpu) => sum + (pocV2?.noncesPerMinutePerGpu ?? vllmNoncesPerMinute(gpu)),
        0,
      );
      return new VllmBackEnd({
        clock,
        random: random.fork(number + 1),
        post,
        port: firstPort + number,
        model,
        noncesPerMs: perMinute / 60_000,
        books,
        isSenderStalled: () => faults.get('senderStalls') > 0,
        isStalled: () => faults.get('generationStalls') > 0,
        isWrong: () => faults.get('wrongArtifacts') > 0,
      });
    });
  }

  #fall(model: string): void {
    this.cache.pause(model);
    for (const backEnd of this.#backEnds) backEnd.close();
    this.#backEnds = [];
  }
}
