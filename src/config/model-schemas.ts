import { z } from 'zod';
import * as values from './value-schemas.ts';

/** Shell-safe: they become a part of a command line on the machine, and of a JSON body. */
const vllmArgument = /^[\w@%+=:,./{}"[\]-]+$/;

const size = values.decimal(0.1, 100_000, 'a number of GB');

/** Of the settings in names-model.ts. */
export const modelSchemas = {
  POC_VERSION: values.choice(['auto', 'v1', 'v2']),
  MLNODE_IMAGE_KIND: values.choice(['mlnode', 'vllm']),
  DOCKER_IMAGE_V2: values.image,
  DOCKER_IMAGE_GB: size,
  MODEL_WEIGHTS_GB: size.optional(),
  MODEL_VRAM_GB: size.optional(),
  MODEL_LOAD_TIMEOUT: values.seconds,
  MLNODE_VLLM_ARGS: z
    .string()
    .transform((value) => value.split(/\s+/).filter((part) => part !== ''))
    .refine(
      (args) => args.every((arg) => vllmArgument.test(arg)),
      'must be plain arguments separated by spaces',
    )
    .optional(),
  MLNODE_QUANTIZATION: z.string().regex(/^[\w-]{1,40}$/, 'must be auto, none or the name of a quantisation'),
  VLLM_MAX_MODEL_LEN: values.count(128, 10_000_000).optional(),
  VLLM_GPU_MEMORY_UTIL: values.decimal(0.1, 1, 'a share'),
  VLLM_MAX_NUM_SEQS: values.count(1, 100_000).optional(),
};
