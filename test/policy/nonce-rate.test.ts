import { describe, expect, it } from 'vitest';
import { noncesPerHour, type NonceRecord } from '../../src/policy/nonce-rate.ts';

const machine = (gpuName: string, gpuCount: number, gpuRamMb: number) => ({ gpuName, gpuCount, gpuRamMb });
const h100 = machine('H100 SXM', 1, 81_559);
const records = (count: number, more: Partial<NonceRecord> = {}): NonceRecord[] =>
  Array.from({ length: count }, () => ({ ...h100, nonces: 145, minutes: 5, ...more }));

describe('the nonce rate', () => {
  it.each([
    [1, 24_564, 0],
    [2, 24_564, 1],
    [4, 24_564, 2],
    [3, 24_564, 1],
    [1, 46_068, 1],
    [1, 38_000, 1],
    [8, 12_288, 2],
    [2, 12_288, 0],
    [8, 6_144, 1],
    [8, 4_096, 0],
  ])('%i GPUs of %i MB form %i groups', (gpuCount, gpuRamMb, groups) => {
    expect(noncesPerHour(machine('H100 SXM', gpuCount, gpuRamMb), [])).toBe(groups * 29 * 60);
  });

  it.each([
    ['B200', 183_359, 51],
    ['H200 NVL', 143_771, 35],
    ['H100 PCIe', 81_559, 21],
    ['H100 NVL', 95_830, 25],
    ['H100 SXM', 81_559, 29],
    ['A100 SXM4', 81_920, 14],
  ])('of a %s is the published figure before anything was computed', (gpuName, gpuRamMb, perMinute) => {
    expect(noncesPerHour(machine(gpuName, 1, gpuRamMb), [])).toBe(perMinute * 60);
    expect(noncesPerHour(machine(gpuName, 4, gpuRamMb), [])).toBe(4 * perMinute * 60);
  });

  it('goes by the memory of the whole group where no figure was published', () => {
    expect(noncesPerHour(machine('L40S', 1, 46_000), [])).toBeCloseTo(46 * 0.2 * 60);
    expect(noncesPerHour(machine('RTX 4090', 2, 24_000), [])).toBeCloseTo(48 * 0.2 * 60);
    expect(noncesPerHour(machine('RTX 4090', 5, 24_000), [])).toBeCloseTo(2 * 48 * 0.2 * 60);
  });

  it('follows what machines of that kind delivered, whatever their number of GPUs', () => {
    const halves = records(20, { gpuCount: 2 });
    expect(noncesPerHour(h100, halves)).toBeCloseTo(29 * 60 * (12 / 22), 0);
    expect(noncesPerHour(machine('H200', 1, 143_771), halves)).toBe(35 * 60);
  });

  it('forgets all but the last fifty', () => {
    expect(noncesPerHour(h100, [...records(50, { nonces: 0 }), ...records(50)])).toBeCloseTo(29 * 60);
    expect(noncesPerHour(h100, [...records(50), ...records(1, { nonces: 0 })])).toBeCloseTo(
      29 * 60 * (51 / 52),
    );
  });

  it('learns nothing from a PoC of no length, nor from a machine that forms no group', () => {
    expect(noncesPerHour(h100, records(1, { minutes: 0 }))).toBe(29 * 60);
    expect(noncesPerHour(h100, records(1, { gpuRamMb: 1_000 }))).toBe(29 * 60);
  });
});
