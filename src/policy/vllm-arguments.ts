/** Settings of a plain vLLM. Absent = vLLM's own default. */
export interface VllmSettings {
  readonly model: string;
  /** `auto`: by what the GPUs can; a name: that one; `none`. */
  readonly quantization: string;
  readonly maxModelLen?: number;
  readonly gpuMemoryUtilization?: number;
  readonly maxNumSeqs?: number;
  /** The operator's own, last: vLLM takes the last of a flag that comes twice. */
  readonly extraArgs: readonly string[];
}

export interface VllmGpus {
  readonly count: number;
  /** The lowest of all GPUs, such as 8.9; null when the driver did not say. */
  readonly computeCapability: number | null;
}

/** Ada and Hopper are the first with FP8 units; below, vLLM refuses the flag or emulates it slowly. */
const fp8Capability = 8.9;
/** Already quantised weights carry their own scheme; a second one is refused. */
const quantisedNames = /(?:fp8|awq|gptq|int4|int8|bnb|nvfp4|mxfp4|w\d+a\d+)/i;

/** The command line behind `python3 -m vllm.entrypoints.openai.api_server`, host and port aside. */
export function vllmArguments(settings: VllmSettings, gpus: VllmGpus): readonly string[] {
  const quantization = quantizationOf(settings, gpus);
  const width = tensorParallel(gpus.count);
  return [
    '--model',
    settings.model,
    '--dtype',
    'auto',
    ...(quantization === null ? [] : ['--quantization', quantization]),
    ...(width > 1 ? ['--tensor-parallel-size', String(width)] : []),
    ...flag('--max-model-len', settings.maxModelLen),
    ...flag('--gpu-memory-utilization', settings.gpuMemoryUtilization),
    ...flag('--max-num-seqs', settings.maxNumSeqs),
    ...settings.extraArgs,
  ];
}

/** By compute capability, never by the name of a GPU. */
export function quantizationOf(
  { quantization, model }: Pick<VllmSettings, 'quantization' | 'model'>,
  { computeCapability }: Pick<VllmGpus, 'computeCapability'>,
): string | null {
  if (quantization === '' || quantization === 'none') return null;
  if (quantization !== 'auto') return quantization;
  if (quantisedNames.test(model) || computeCapability === null) return null;
  return computeCapability >= fp8Capability ? 'fp8' : null;
}

/** The largest power of two that the machine has: attention heads are shared out evenly. */
const tensorParallel = (count: number): number => 2 ** Math.floor(Math.log2(Math.max(1, count)));

const flag = (name: string, value: number | undefined): readonly string[] =>
  value === undefined ? [] : [name, String(value)];
