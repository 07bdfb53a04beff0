import type { Setting } from './setting.ts';

const machine = { area: 'Rented machine', state: 'honoured' } as const;

/** Settings of the model on a rented machine (PoC v2, and a plain vLLM), and of the PoC that it is for. */
export const modelSettings: readonly Setting[] = [
  {
    area: 'Gonka',
    state: 'honoured',
    name: 'POC_VERSION',
    describe:
      'Which PoC the network uses: auto (read from the chain and from what the Network Node calls), v1 or v2.',
    example: 'auto',
    default: 'auto',
  },
  {
    ...machine,
    name: 'MLNODE_IMAGE_KIND',
    describe:
      'What DOCKER_IMAGE is: mlnode (the official ML node, PoC and inference), or vllm (a plain vLLM started over SSH: inference only, no PoC).',
    example: 'mlnode',
    default: 'mlnode',
  },
  {
    ...machine,
    name: 'DOCKER_IMAGE_V2',
    describe:
      'Image of the official ML node for PoC v2, where the tag of DOCKER_IMAGE is older than that (before 3.0.12); pin it by digest.',
    example: 'ghcr.io/gonka-ai/mlnode:3.0.14-post2',
    default: 'ghcr.io/gonka-ai/mlnode:3.0.14-post2',
  },
  {
    ...machine,
    name: 'DOCKER_IMAGE_GB',
    describe: 'Download size of DOCKER_IMAGE, GB; boot time, disk and traffic are reckoned with it.',
    example: '12',
    default: '12',
  },
  {
    ...machine,
    name: 'MODEL_WEIGHTS_GB',
    describe:
      'Size of the weights of the model on disk, GB. Unset: known for models of the network, else estimated.',
    example: '230',
  },
  {
    ...machine,
    name: 'MODEL_VRAM_GB',
    describe:
      'GPU memory of a machine that the model needs, GB, all GPUs together. Unset: as the chain says, else known, else estimated.',
    example: '320',
  },
  {
    ...machine,
    name: 'MODEL_LOAD_TIMEOUT',
    describe:
      'Limit from an ML node that answers to a model that is up, download of the weights included, seconds.',
    example: '2700',
    default: '2700',
  },
  {
    ...machine,
    name: 'MLNODE_VLLM_ARGS',
    describe:
      'Further vLLM arguments, separated by spaces. With mlnode they give way to governance arguments of the same name; with vllm they come last and win.',
    example: '--max-model-len 32768',
  },
  {
    ...machine,
    name: 'VLLM_EXTRA_ARGS',
    aliasOf: 'MLNODE_VLLM_ARGS',
    describe: 'Other spelling of MLNODE_VLLM_ARGS.',
  },
  {
    ...machine,
    name: 'MLNODE_QUANTIZATION',
    describe:
      'Quantisation of a plain vLLM: auto (fp8 from compute capability 8.9 on, unless the weights have one), none, or a name that vLLM knows.',
    example: 'auto',
    default: 'auto',
  },
  {
    ...machine,
    name: 'VLLM_MAX_MODEL_LEN',
    describe: "Longest context of a plain vLLM, tokens. Unset: the model's own.",
    example: '32768',
  },
  {
    ...machine,
    name: 'VLLM_GPU_MEMORY_UTIL',
    describe: 'Share of the GPU memory that a plain vLLM takes, 0.1 to 1.',
    example: '0.9',
    default: '0.9',
  },
  {
    ...machine,
    name: 'VLLM_MAX_NUM_SEQS',
    describe: "Requests that a plain vLLM works on at a time. Unset: vLLM's own default.",
    example: '256',
  },
];
