import { describe, expect, it } from 'vitest';
import { cudaOfImage, isCudaFit, knowsPocV2 } from '../../src/policy/image-needs.ts';
import { workNeeds, type WorkNeedsInput } from '../../src/policy/model-needs.ts';

const input: WorkNeedsInput = {
  version: 'v2',
  imageKind: 'mlnode',
  model: 'MiniMaxAI/MiniMax-M2.7',
  imageGb: 12,
  inetDownMbps: 1_000,
};

describe('what a machine needs', () => {
  it('for PoC v1 is one group of GPUs and the image alone', () => {
    expect(workNeeds({ ...input, version: 'v1' })).toEqual({
      model: null,
      imageGb: 12,
      weightsGb: 0,
      downloadGb: 12,
      gpuTotalRamMbMin: 38_000,
      diskGbMin: 34,
      modelLoadMs: 0,
    });
  });

  it('for PoC v2 is the governance model, on disk and in memory', () => {
    const needs = workNeeds(input);
    expect(needs).toMatchObject({ model: input.model, weightsGb: 230, gpuTotalRamMbMin: 320_000 });
    expect(needs.diskGbMin).toBeGreaterThan(230 + 2 * 12);
    expect(needs.downloadGb).toBe(242);
    // 230 GB at 1 Gbit/s alone take half an hour.
    expect(needs.modelLoadMs).toBeGreaterThan(1_840_000);
  });

  it('takes the time of the download, of reading the weights at half a gigabyte a second, and three minutes', () => {
    const load = (inetDownMbps: number, weightsGb: number) =>
      workNeeds({ ...input, inetDownMbps, sizes: { weightsGb, vramGb: 1 } }).modelLoadMs;
    expect(load(1_000, 10)).toBe(80_000 + 20_000 + 180_000);
    expect(load(2_000, 10)).toBe(40_000 + 20_000 + 180_000);
    expect(load(0, 1)).toBe(8_000_000 + 2_000 + 180_000);
  });

  it('for a plain vLLM is a model in every case', () => {
    expect(workNeeds({ ...input, version: 'v1', imageKind: 'vllm' }).model).toBe(input.model);
  });

  it.each([
    ['a setting wins over what is known', { weightsGb: 100, vramGb: 200 }, 100, 200_000],
    ['weights follow from memory where only that is known', { vramGb: 100 }, 80, 100_000],
    ['memory follows from weights', { weightsGb: 80 }, 80, 100_000],
    ['a model of which nothing is known counts as a usual one', {}, 256, 320_000],
  ])('%s', (_name, sizes, weightsGb, gpuTotalRamMbMin) => {
    expect(workNeeds({ ...input, model: 'new/model', sizes })).toMatchObject({ weightsGb, gpuTotalRamMbMin });
  });
});

describe('an image', () => {
  it.each([
    ['ghcr.io/product-science/mlnode:3.0.11-post1@sha256:0cf2', 12.6, false],
    ['ghcr.io/gonka-ai/mlnode:3.0.12', 12.6, true],
    ['ghcr.io/gonka-ai/mlnode:3.0.14-post2', 12.6, true],
    ['ghcr.io/gonka-ai/mlnode:3.0.16', 13, true],
    ['ghcr.io/gonka-ai/mlnode:3.0.16-cu129', 12.9, true],
    ['my.registry:5000/own/mlnode:latest', null, true],
    ['vllm/vllm-openai:v0.9.1', null, false],
  ])('%s is built for CUDA %s, and knows PoC v2: %s', (image, cuda, isV2) => {
    expect(cudaOfImage(image)).toBe(cuda);
    expect(knowsPocV2(image)).toBe(isV2);
  });

  it('is refused to a driver that is too old, and to none of which nothing is known', () => {
    expect([isCudaFit(12.4, 12.6), isCudaFit(12.6, 12.6), isCudaFit(13, 12.9)]).toEqual([false, true, true]);
    expect([isCudaFit(null, 13), isCudaFit(12, null)]).toEqual([true, true]);
  });
});
