import { type Gigabytes, gigabytes, type Megabytes, megabytes } from '../units.ts';
import type { PocVersion } from './poc-version.ts';

/** What is known of a model, from a setting, the chain or the table below. Absent = not known. */
export interface ModelSizes {
  /** Of the files on disk. */
  readonly weightsGb?: number;
  /** Of all GPUs of a machine together. */
  readonly vramGb?: number;
}

/** What a machine must have beside the operator's own wishes, and what it downloads. */
export interface WorkNeeds {
  /** Null when the work needs no model (PoC v1 with the official image). */
  readonly model: string | null;
  readonly imageGb: Gigabytes;
  /** Zero without a model. */
  readonly weightsGb: Gigabytes;
  /** Image and weights: what the boot and the traffic are reckoned with. */
  readonly downloadGb: Gigabytes;
  /** Of all GPUs of a machine together, in the units of the offer search (1 GB = 1000 MB). */
  readonly gpuTotalRamMbMin: Megabytes;
  /** Image unpacked, weights, and room for caches. */
  readonly diskGbMin: Gigabytes;
  /** From an ML node that answers to a model that is up, the download included, at the given bandwidth. */
  readonly modelLoadMs: number;
}

export interface WorkNeedsInput {
  readonly version: PocVersion;
  /** `vllm`: a plain vLLM, which serves inference only and always has a model. */
  readonly imageKind: 'mlnode' | 'vllm';
  readonly model: string;
  readonly imageGb: number;
  /** Settings before the chain before the table. */
  readonly sizes?: ModelSizes;
  /** Of the offer, or the least that is asked for. */
  readonly inetDownMbps: number;
}

/**
 * Sizes of models that counted at some time (docs/reference/protocol.md "Models and minimum hardware"). Weights that
 * no source states are four fifths of the memory that the network asks for: the rest is cache and activations.
 */
const known: readonly (readonly [RegExp, Required<ModelSizes>])[] = [
  [/MiniMax-M2\.7/i, { weightsGb: 230, vramGb: 320 }],
  [/Qwen3-235B-A22B/i, { weightsGb: 240, vramGb: 320 }],
  [/Kimi-K2\.6/i, { weightsGb: 595, vramGb: 720 }],
  [/DeepSeek-V4-Flash/i, { weightsGb: 224, vramGb: 280 }],
  [/Qwen3-32B-FP8/i, { weightsGb: 33, vramGb: 80 }],
  [/QwQ-32B/i, { weightsGb: 65, vramGb: 80 }],
  [/Qwen2\.5-7B/i, { weightsGb: 15, vramGb: 24 }],
];

/** A model of which nothing is known at all: the network's general rule for a machine of PoC v2. */
const unknownSizes: Required<ModelSizes> = { weightsGb: 256, vramGb: 320 };
/** PoC v1 works in groups of GPUs that hold 38 GB together. */
const pocV1VramGb = 38;
/** An image takes about twice its download once it is unpacked. */
const unpacked = 2;
const cacheGb = 10;
/** vLLM reads its weights at about this speed once they are on disk, and compiles for a while. */
const loadGbPerSecond = 0.5;
const compileMs = 180_000;

/** What a machine needs for the PoC to come. Pure. */
export function workNeeds(input: WorkNeedsInput): WorkNeeds {
  const { version, imageKind, model, imageGb, inetDownMbps } = input;
  const hasModel = version === 'v2' || imageKind === 'vllm';
  const { weightsGb, vramGb } = hasModel
    ? sizesOf(model, input.sizes ?? {})
    : { weightsGb: 0, vramGb: pocV1VramGb };
  return {
    model: hasModel ? model : null,
    imageGb: gigabytes(imageGb),
    weightsGb: gigabytes(weightsGb),
    downloadGb: gigabytes(imageGb + weightsGb),
    gpuTotalRamMbMin: megabytes(vramGb * 1000),
    diskGbMin: gigabytes(Math.ceil(imageGb * unpacked + weightsGb * 1.05 + cacheGb)),
    modelLoadMs: hasModel
      ? Math.round(
          (weightsGb * 8_000_000) / Math.max(1, inetDownMbps) +
            (weightsGb / loadGbPerSecond) * 1000 +
            compileMs,
        )
      : 0,
  };
}

/** Each size from the first that states it: what was given, the table, the other size, the general rule. */
function sizesOf(model: string, given: ModelSizes): Required<ModelSizes> {
  const listed = known.find(([pattern]) => pattern.test(model))?.[1];
  const vramGb = given.vramGb ?? listed?.vramGb;
  const weightsGb = given.weightsGb ?? listed?.weightsGb;
  return {
    weightsGb: weightsGb ?? (vramGb === undefined ? unknownSizes.weightsGb : vramGb * 0.8),
    vramGb: vramGb ?? (weightsGb === undefined ? unknownSizes.vramGb : weightsGb * 1.25),
  };
}
