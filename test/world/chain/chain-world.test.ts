import { afterEach, describe, expect, it } from 'vitest';
import { type Block, ChainWorld, type ChainWorldOptions } from '../../../src/world/chain/chain-world.ts';
import { demoEpochParams, phaseAt, stagesOf } from '../../../src/world/chain/epoch-schedule.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { answered, request } from '../network-node/network-node-bench.ts';

describe('the epoch arithmetic', () => {
  it('gives the stages of epoch 360 as on mainnet in August 2026', () => {
    const params = {
      epochLength: 15_391,
      pocStageDuration: 35,
      pocExchangeDuration: 0,
      pocValidationDelay: 5,
      pocValidationDuration: 240,
      setNewValidatorsDelay: 120,
      inferenceValidationCutoff: 2,
    };
    expect(stagesOf(360, 5_552_115, params)).toEqual({
      epoch_index: 360,
      poc_start: 5_552_115,
      poc_generation_wind_down: 5_552_143,
      poc_generation_end: 5_552_150,
      poc_validation_start: 5_552_155,
      poc_validation_wind_down: 5_552_347,
      poc_validation_end: 5_552_395,
      set_new_validators: 5_552_515,
      claim_money: 5_552_516,
      inference_validation_cutoff: 5_567_504,
      next_poc_start: 5_567_506,
      poc_exchange_window: { start: 5_552_116, end: 5_552_150 },
      poc_validation_exchange_window: { start: 5_552_156, end: 5_552_395 },
    });
  });

  it.each([
    [0, 'PoCGenerate'],
    [47, 'PoCGenerate'],
    [48, 'PoCGenerateWindDown'],
    [64, 'PoCGenerateWindDown'],
    [65, 'PoCValidate'],
    [160, 'PoCValidate'],
    [161, 'PoCValidateWindDown'],
    [184, 'PoCValidateWindDown'],
    [185, 'Inference'],
    [599, 'Inference'],
  ])('is at S+%i in phase %s', (blocks, phase) => {
    expect(phaseAt(1_000 + blocks, stagesOf(3, 1_000, demoEpochParams))).toBe(phase);
  });

  it('keeps epoch 0 in Inference', () => {
    expect(phaseAt(1_000, stagesOf(0, 1_000, demoEpochParams))).toBe('Inference');
  });
});

describe('the chain world', () => {
  let chain: ChainWorld;
  afterEach(() => chain.close());

  function start(options: Partial<ChainWorldOptions> = {}): { clock: VirtualClock; blocks: Block[] } {
    const clock = new VirtualClock(0);
    chain = new ChainWorld({ clock, seed: 3, startHeight: 1_000, firstPocStartHeight: 1_010, ...options });
    const blocks: Block[] = [];
    chain.subscribe((block) => blocks.push(block));
    return { clock, blocks };
  }

  it('makes a block every 5.35 s and tells subscribers, with a hash that seed and height decide', async () => {
    const { clock, blocks } = start();
    await clock.advanceBy(5_350 * 3);
    expect(blocks.map((block) => block.height)).toEqual([1_001, 1_002, 1_003]);
    expect(blocks[0]?.hash).toMatch(/^[0-9A-F]{64}$/);
    expect(blocks[0]?.hash).toBe(chain.hashAt(1_001));
    expect(chain.hashAt(1_002)).not.toBe(chain.hashAt(1_001));
  });

  it('switches the latest epoch exactly at poc_start', async () => {
    const { clock, blocks } = start({ epochIndex: 40 });
    await clock.advanceBy(5_350 * 10);
    expect(blocks.at(-2)?.epochs.latest_epoch).toEqual({ index: 40, poc_start_block_height: 410 });
    expect(blocks.at(-1)?.epochs).toMatchObject({
      block_height: 1_010,
      latest_epoch: { index: 41, poc_start_block_height: 1_010 },
      phase: 'PoCGenerate',
      next_epoch_stages: { epoch_index: 42, poc_start: 1_610 },
    });
    expect(blocks.at(-1)?.pocStartHash).toBe(chain.hashAt(1_010));
  });

  it('stands still while it is halted and goes on from the same height', async () => {
    const { clock } = start();
    await clock.advanceBy(5_350 * 2);
    chain.faults.set('halt', 1);
    await clock.advanceBy(3_600_000);
    expect(chain.height).toBe(1_002);
    chain.faults.set('halt', 0);
    await clock.advanceBy(5_350);
    expect(chain.height).toBe(1_003);
  });

  it('serves heights of the past when it lags, while blocks go on', async () => {
    const { clock, blocks } = start();
    await clock.advanceBy(5_350 * 12);
    chain.faults.set('lag', 4);
    const answer = answered(await chain.handle(request('GET', '/v1/epochs/latest')));
    expect(JSON.parse(answer.body)).toMatchObject({
      block_height: 1_008,
      phase: 'Inference',
    });
    expect(blocks.at(-1)?.height).toBe(1_012);
  });
});
