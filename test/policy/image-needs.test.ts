import { describe, expect, it } from 'vitest';
import { cudaOfImage, isCudaFit, knowsPocV2, usedImage } from '../../src/policy/image-needs.ts';

describe('the CUDA version of an image', () => {
  it.each([
    ['ghcr.io/gonka-ai/mlnode:3.0.0', 12.6],
    ['ghcr.io/gonka-ai/mlnode:2.9.99', null],
    ['ghcr.io/gonka-ai/mlnode:3.1.0', 13],
    ['ghcr.io/gonka-ai/mlnode:v3.0.15', 12.6],
    ['ghcr.io/gonka-ai/mlnode:10.0.1', 13],
    ['ghcr.io/gonka-ai/mlnode:3.0.16@sha256:0cf2', 13],
    ['my.registry:5000/own/mlnode:3.0.16', 13],
    ['ghcr.io/gonka-ai/mlnode:nightly', null],
    ['ghcr.io/gonka-ai/mlnode:before-3.0.16', null],
    ['ghcr.io/gonka-ai/mlnode', null],
    ['ghcr.io/gonka-ai/mlnode@sha256:0cf2', null],
    ['vllm/vllm-openai:3.0.16', null],
    ['own/mlnode-build:3.0.16', null],
    ['nvidia/any:cuda-12.8', 12.8],
    ['nvidia/any:cuda12.4.1', 12.4],
  ])('%s is %s', (image, cuda) => {
    expect(cudaOfImage(image)).toBe(cuda);
  });

  it('fits every driver that offers as much, whatever the last digit of a double says', () => {
    expect(isCudaFit(0.1 + 0.2, 0.3)).toBe(true);
    expect(isCudaFit(0.3, 0.1 + 0.2)).toBe(true);
    expect([isCudaFit(12.5, 12.6), isCudaFit(12.5, null), isCudaFit(null, null)]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('the image that a machine is rented with', () => {
  const old = 'ghcr.io/gonka-ai/mlnode:3.0.11';
  const imageV2 = 'ghcr.io/gonka-ai/mlnode:3.0.14';
  const used = (image: string, model: string | null, imageKind: 'mlnode' | 'vllm' = 'mlnode') =>
    usedImage(image, { imageKind, imageV2 }, { model });

  it('is the usual one for work without a model, and wherever it computes PoC v2', () => {
    expect(used(old, null)).toBe(old);
    expect(used('ghcr.io/gonka-ai/mlnode:3.0.12', 'a/model')).toBe('ghcr.io/gonka-ai/mlnode:3.0.12');
    expect(used('own/mlnode:latest', 'a/model')).toBe('own/mlnode:latest');
  });

  it('is the one for PoC v2 where the usual one is older than that', () => {
    expect(used(old, 'a/model')).toBe(imageV2);
  });

  it('is the operator’s for a plain vLLM, which computes no PoC', () => {
    expect(used('vllm/vllm-openai:v0.9.1', 'a/model', 'vllm')).toBe('vllm/vllm-openai:v0.9.1');
  });

  it('knows PoC v2 from 3.0.12 on, and by every number of a version', () => {
    const known = ['2.99.99', '3.0.11', '3.0.12', '3.1.0', '10.0.0'].map((tag) =>
      knowsPocV2(`a/mlnode:${tag}`),
    );
    expect(known).toEqual([false, false, true, true, true]);
    expect(knowsPocV2('a/mlnode')).toBe(true);
  });
});
