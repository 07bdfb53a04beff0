import { describe, expect, it } from 'vitest';
import { inferenceUpBody, mergedModelArguments, modelOfUpBody } from '../../src/policy/model-arguments.ts';
import { fleetWidth, pocVersion } from '../../src/policy/poc-version.ts';
import { logEnd, startFailure } from '../../src/policy/start-failure.ts';
import { quantizationOf, vllmArguments } from '../../src/policy/vllm-arguments.ts';

const nothing = { forced: null, called: null, isV2Enabled: null, isV2Polled: false } as const;

describe('the version of PoC', () => {
  it.each([
    ['the setting', { ...nothing, forced: 'v1', isV2Enabled: true, called: 'v2' }, 'v1', 'setting'],
    ['the chain before the last call', { ...nothing, isV2Enabled: true, called: 'v1' }, 'v2', 'chain'],
    ['the last call', { ...nothing, called: 'v2' }, 'v2', 'call'],
    ['a poll that only newer ones make', { ...nothing, isV2Polled: true }, 'v2', 'poll'],
    ['nothing', nothing, 'v1', 'nothing'],
  ] as const)('follows %s', (_name, evidence, version, because) => {
    expect(pocVersion(evidence)).toEqual({ version, because });
  });

  it('v2 runs on one machine, and says why', () => {
    expect(fleetWidth(3, 'v1')).toEqual({ width: 3, refusal: null });
    expect(fleetWidth(1, 'v2')).toEqual({ width: 1, refusal: null });
    expect(fleetWidth(3, 'v2')).toMatchObject({ width: 1, refusal: expect.stringContaining('fraud') });
  });
});

describe('arguments of a model start', () => {
  it('are those of governance, and local ones that it does not set', () => {
    const governance = ['--tensor-parallel-size', '4', '--enforce-eager'];
    const local = [
      '--tensor-parallel-size',
      '8',
      '-q',
      'x',
      '--max-model-len=9',
      '--kv',
      '-1',
      '-1',
      '--enforce-eager',
    ];
    expect(mergedModelArguments(governance, local)).toEqual([
      '--tensor-parallel-size',
      '4',
      '--enforce-eager',
      '--max-model-len=9',
      '--kv',
      '-1',
    ]);
  });

  it('keep a flag without a value apart from the flag behind it, and a key that governance gives as a value', () => {
    expect(mergedModelArguments([], ['--eager', '--kv=auto', 'x', '--last'])).toEqual([
      '--eager',
      '--kv=auto',
      '--last',
    ]);
    expect(mergedModelArguments([], ['--a', 'x--', '--b', 'y'])).toEqual(['--a', 'x--', '--b', 'y']);
    expect(mergedModelArguments(['--a=1'], ['--a', '2', '--ab', '3'])).toEqual(['--a=1', '--ab', '3']);
  });

  it('stand in a body as the Network Node builds it', () => {
    const body = inferenceUpBody('org/name', ['--x', '1']);
    expect(JSON.parse(body)).toEqual({ model: 'org/name', dtype: 'auto', additional_args: ['--x', '1'] });
    expect([modelOfUpBody(body), modelOfUpBody('{}'), modelOfUpBody('x')]).toEqual(['org/name', null, null]);
  });
});

describe('a plain vLLM', () => {
  const settings = { model: 'Qwen/QwQ-32B', quantization: 'auto', extraArgs: [] };
  it.each([
    ['Ada', 8.9, 'auto', 'Qwen/QwQ-32B', 'fp8'],
    ['Hopper', 9, 'auto', 'Qwen/QwQ-32B', 'fp8'],
    ['Ampere', 8, 'auto', 'Qwen/QwQ-32B', null],
    ['a driver that does not say', null, 'auto', 'Qwen/QwQ-32B', null],
    ['weights that have a quantisation', 9, 'auto', 'Qwen/Qwen3-32B-FP8', null],
    ['a scheme of weights and activations', 9, 'auto', 'org/model-w8a16', null],
    ['one of two digits', 9, 'auto', 'org/model-W16A8', null],
    ['an empty setting', 9, '', 'Qwen/QwQ-32B', null],
    ['the operator’s word', 8, 'awq', 'Qwen/QwQ-32B', 'awq'],
    ['none', 9, 'none', 'Qwen/QwQ-32B', null],
  ])('quantises by capability: %s', (_name, computeCapability, quantization, model, expected) => {
    expect(quantizationOf({ quantization, model }, { computeCapability })).toBe(expected);
  });

  it('spreads over a power of two of GPUs, and gives limits only where they are set', () => {
    const bare = vllmArguments(settings, { count: 1, computeCapability: 8 });
    expect(bare).toEqual(['--model', 'Qwen/QwQ-32B', '--dtype', 'auto']);
    const full = vllmArguments(
      { ...settings, maxModelLen: 4096, gpuMemoryUtilization: 0.9, maxNumSeqs: 64, extraArgs: ['--x'] },
      { count: 6, computeCapability: 9 },
    );
    expect(full.slice(4)).toEqual(
      '--quantization fp8 --tensor-parallel-size 4 --max-model-len 4096 --gpu-memory-utilization 0.9 --max-num-seqs 64 --x'.split(
        ' ',
      ),
    );
  });
});

describe('a start that failed', () => {
  it.each([
    ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB', 'MODEL_OUT_OF_MEMORY'],
    ['ValueError: No available memory for the cache blocks.', 'MODEL_OUT_OF_MEMORY'],
    ['huggingface_hub.errors.GatedRepoError: 401', 'MODEL_DOWNLOAD_FAILED'],
    ['OSError: [Errno 28] No space left on device', 'MODEL_DOWNLOAD_FAILED'],
    ['RuntimeError: Engine core initialization failed', 'MODEL_START_FAILED'],
    ['', 'MODEL_START_FAILED'],
  ])('%s is %s', (log, code) => {
    expect(startFailure(log)).toBe(code);
  });

  it.each([
    ['Free memory on device cuda:0 (3.1 GiB) is less than desired GPU memory', 'MODEL_OUT_OF_MEMORY'],
    ['MaxRetryError: HTTPSConnectionPool(host=huggingface.co)', 'MODEL_DOWNLOAD_FAILED'],
  ])('is found by words that stand apart: %s', (log, code) => {
    expect(startFailure(log)).toBe(code);
  });

  it('is told in four lines and so many characters, the last ones', () => {
    const log = 'error 1\nerror 2\n  error 3  \nerror 4\nerror 5\n';
    expect(logEnd(log)).toBe('error 2 | error 3 | error 4 | error 5');
    expect(logEnd('a long error', 5)).toBe('error');
  });

  it('is told by the lines that say something', () => {
    expect(logEnd('loading\nValueError: no\n\nbye\n')).toBe('ValueError: no');
    expect(logEnd('a\nb\n')).toBe('a | b');
    expect(logEnd('')).toBe('');
  });
});
