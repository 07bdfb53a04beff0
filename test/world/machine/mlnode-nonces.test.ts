import { describe, expect, test } from 'vitest';
import { gpuGroups, validNoncesPerMinute } from '../../../src/world/machine/gpu-groups.ts';
import { probabilityHonest } from '../../../src/world/machine/mlnode-payloads.ts';
import { mainnetValidShare, nonceDistance } from '../../../src/world/machine/nonce-distance.ts';
import { NonceIterator } from '../../../src/world/machine/nonce-iterator.ts';

const gpu = (gb: number, name = 'RTX 4090'): { name: string; ramMb: number } => ({ name, ramMb: gb * 1024 });
const sizes = (...gbs: number[]): number[] =>
  gpuGroups(gbs.map((gb) => gpu(gb))).map(({ gpus }) => gpus.length);

describe('GPU groups', () => {
  test.each([
    ['one 24 GB card forms none', [24], []],
    ['two form one', [24, 24], [2]],
    ['a third is left over', [24, 24, 24], [2]],
    ['each 40 GB card is one', [40, 80], [1, 1]],
    ['four of 10 GB are one', [10, 10, 10, 10], [4]],
    ['eight of 6 GB are one', [6, 6, 6, 6, 6, 6, 6, 6], [8]],
    ['a card that fits nowhere is skipped', [8, 24, 24], [2]],
  ])('%s', (_, gbs, expected) => {
    expect(sizes(...gbs)).toEqual(expected);
  });

  test('rates are the published ones, by memory for other cards', () => {
    const rate = (name: string, gb: number): number => {
      const [group] = gpuGroups([gpu(gb, name)]);
      return group ? validNoncesPerMinute(group) : 0;
    };
    expect([
      rate('A100 PCIE', 40),
      rate('A100 SXM4', 80),
      rate('H100 PCIE', 80),
      rate('H100 SXM', 80),
    ]).toEqual([9, 14, 21, 29]);
    expect([rate('H200', 140), rate('NVIDIA B200', 180)]).toEqual([35, 51]);
    expect(rate('L40S', 48)).toBeCloseTo(9.6);
  });
});

describe('nonces', () => {
  test('follow (n + g·N) + x·(G·N), so that two groups of one node fill its class', () => {
    const of = (group: number): number[] =>
      new NonceIterator({ nodeId: 1, nodeCount: 3, group, groupCount: 2 }).take(3);
    expect(of(0)).toEqual([1, 7, 13]);
    expect(of(1)).toEqual([4, 10, 16]);
  });

  test.each([
    [1.398077, mainnetValidShare],
    [1.4013564660458173, 0.05],
  ])('at r_target %d the share of valid ones is %d', (target, share) => {
    const seed = { blockHash: 'AB', publicKey: '02', dimensions: 8196 };
    const valid = Array.from({ length: 20_000 }, (_, nonce) => nonceDistance({ ...seed, nonce })).filter(
      (dist) => dist < target,
    );
    expect(valid.length / 20_000).toBeGreaterThan(share * 0.85);
    expect(valid.length / 20_000).toBeLessThan(share * 1.15);
  });
});

test('the binomial test is lenient to one mismatch and not to five', () => {
  expect(probabilityHonest(0, 200)).toBe(1);
  expect(probabilityHonest(1, 200)).toBeCloseTo(1 - (1 - 5e-4) ** 200, 10);
  expect(probabilityHonest(5, 200)).toBeLessThan(1e-7);
  expect(probabilityHonest(200, 200)).toBeLessThan(1e-300);
});
