import { type Gigabytes, gigabytes, type Milliseconds } from '../units.ts';
import type { Values } from './schema.ts';

/** The model on a rented machine, and the PoC that it is for. */
export interface ModelConfig {
  /** `POC_VERSION`; null = found out. */
  readonly pocVersion: 'v1' | 'v2' | null;
  /** `vllm`: a plain vLLM, without PoC. */
  readonly imageKind: 'mlnode' | 'vllm';
  /** Where PoC v2 is computed and DOCKER_IMAGE is older than that. */
  readonly imageV2: string;
  /** Download size of the image. */
  readonly imageGb: Gigabytes;
  /** As far as settings state them. */
  readonly sizes: { readonly weightsGb?: number; readonly vramGb?: number };
  readonly loadTimeoutMs: Milliseconds;
  /** The operator's own vLLM arguments. */
  readonly vllmArgs: readonly string[];
  /** Of a plain vLLM: `auto`, `none` or a name. */
  readonly quantization: string;
  readonly maxModelLen?: number;
  readonly gpuMemoryUtilization: number;
  readonly maxNumSeqs?: number;
}

export function modelConfig(values: Values): ModelConfig {
  const { MODEL_WEIGHTS_GB: weightsGb, MODEL_VRAM_GB: vramGb } = values;
  const { VLLM_MAX_MODEL_LEN: maxModelLen, VLLM_MAX_NUM_SEQS: maxNumSeqs } = values;
  return {
    pocVersion: values.POC_VERSION === 'auto' ? null : values.POC_VERSION,
    imageKind: values.MLNODE_IMAGE_KIND,
    imageV2: values.DOCKER_IMAGE_V2,
    imageGb: gigabytes(values.DOCKER_IMAGE_GB),
    sizes: {
      ...(weightsGb === undefined ? {} : { weightsGb }),
      ...(vramGb === undefined ? {} : { vramGb }),
    },
    loadTimeoutMs: values.MODEL_LOAD_TIMEOUT,
    vllmArgs: values.MLNODE_VLLM_ARGS ?? [],
    quantization: values.MLNODE_QUANTIZATION,
    gpuMemoryUtilization: values.VLLM_GPU_MEMORY_UTIL,
    ...(maxModelLen === undefined ? {} : { maxModelLen }),
    ...(maxNumSeqs === undefined ? {} : { maxNumSeqs }),
  };
}

/** The image must be what it is said to be: a bare vLLM has no PoC, and the official one starts by itself. */
export function imageContradictions(values: Partial<Values>): readonly string[] {
  const isBare = values.DOCKER_IMAGE?.includes('vllm/vllm-openai') === true;
  if (isBare && values.MLNODE_IMAGE_KIND === 'mlnode')
    return [
      'DOCKER_IMAGE is a bare vLLM, which has no PoC endpoints (MLNODE_IMAGE_KIND=vllm says that none are wanted)',
    ];
  if (!isBare && values.MLNODE_IMAGE_KIND === 'vllm' && values.DOCKER_IMAGE?.includes('/mlnode') === true)
    return ['MLNODE_IMAGE_KIND is vllm, but DOCKER_IMAGE is the official ML node'];
  return [];
}
