import { describe, expect, it } from 'vitest';
import { groupCount, noncesPerHour } from '../../src/policy/nonce-rate.ts';

const machine = (gpuName: string, gpuCount: number, gpuRamMb: number) => ({ gpuName, gpuCount, gpuRamMb });
const h100 = machine('H100 SXM', 1, 81_559);

describe('the nonce rate', () => {
  it.each([
    [1, 24_564, 0],
    [2, 24_564, 1],
    [4, 24_564, 2],
    [3, 24_564, 1],
    [1, 46_068, 1],
    [8, 12_288, 2],
    [2, 12_288, 0],
  ])('%i GPUs of %i MB form %i groups', (gpuCount, gpuRamMb, groups) => {
    expect(groupCount(machine('any', gpuCount, gpuRamMb))).toBe(groups);
    expect(noncesPerHour(machine('any', gpuCount, gpuRamMb), []) > 0).toBe(groups > 0);
  });

  it('is the published figure before anything was computed', () => {
    expect(noncesPerHour(h100, [])).toBe(29 * 60);
    expect(noncesPerHour(machine('H100 SXM', 4, 81_559), [])).toBe(4 * 29 * 60);
  });

  it('follows what machines of that kind delivered, whatever their number of GPUs', () => {
    const halves = Array.from({ length: 20 }, () => ({
      ...machine('H100 SXM', 2, 81_559),
      nonces: 145,
      minutes: 5,
    }));
    expect(noncesPerHour(h100, halves)).toBeCloseTo(29 * 60 * (12 / 22), 0);
    expect(noncesPerHour(machine('H200', 1, 143_771), halves)).toBe(35 * 60);
  });
});
