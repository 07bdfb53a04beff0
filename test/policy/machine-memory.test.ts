import { describe, expect, it } from 'vitest';
import { type Distrust, distrustReason, trustOf } from '../../src/policy/machine-memory.ts';
import { unixMs } from '../../src/units.ts';

const dayMs = 86_400_000;
const bad = (reason: Distrust['reason'], at = 0): Distrust => ({ machineId: 7, reason, at: unixMs(at) });
const trust = (experiences: readonly Distrust[], now: number) =>
  trustOf(experiences, unixMs(now)).get(7) ?? 1;

describe('the memory of machines', () => {
  it('distrusts a machine that failed, and forgets half of it in the half-life of the reason', () => {
    expect(trust([bad('never_booted')], 0)).toBeCloseTo(0.2);
    expect(trust([bad('never_booted')], 2 * dayMs)).toBeCloseTo(0.6);
    expect(trust([bad('lied')], 2 * dayMs)).toBeLessThan(0.2);
    expect(trust([bad('never_booted')], 60 * dayMs)).toBeGreaterThan(0.999);
  });

  it.each<[Distrust['reason'], number, number]>([
    ['never_booted', 0.8, 2 * dayMs],
    ['too_slow', 0.4, dayMs],
    ['broken_gpu', 0.95, 7 * dayMs],
    ['ssh', 0.8, 3 * dayMs],
    ['mlnode', 0.6, 2 * dayMs],
    ['lost', 0.5, 3 * dayMs],
    ['lied', 0.95, 14 * dayMs],
    ['refused', 0.3, dayMs / 4],
  ])(
    'expects %s to happen again with a chance of %s, and with half of that after %s ms',
    (reason, chance, ms) => {
      const at = 1_000 * dayMs;
      expect(trust([bad(reason, at)], at)).toBeCloseTo(1 - chance);
      expect(trust([bad(reason, at)], at + ms)).toBeCloseTo(1 - chance / 2);
    },
  );

  it('trusts no machine more than fully when the clock was set back', () => {
    expect(trust([bad('ssh', dayMs)], 0)).toBeCloseTo(0.2);
  });

  it('distrusts it more for each time', () => {
    expect(trust([bad('lost'), bad('lost')], 0)).toBeCloseTo(0.25);
  });

  it('knows nothing of other machines', () => {
    expect([...trustOf([bad('ssh')], unixMs(0)).keys()]).toEqual([7]);
  });

  it.each([
    ['VAST_IMAGE_MISSING', null],
    ['VAST_NO_CREDIT', null],
    ['VAST_KEY_REFUSED', null],
    ['VAST_OFFER_GONE', null],
    ['STORE_BROKEN', null],
    ['MACHINE_NO_GPU', 'broken_gpu'],
    ['SSH_AUTH_REFUSED', 'ssh'],
    ['MACHINE_NEVER_BOOTED', 'never_booted'],
    ['SSH_HOST_KEY_CHANGED', 'lied'],
  ])('%s counts against the machine as %s', (code, reason) => {
    expect(distrustReason(code, false)).toBe(reason);
  });

  it('calls a machine that was ready lost, unless it lied', () => {
    expect(distrustReason('VAST_INSTANCE_FAILED', true)).toBe('lost');
    expect(distrustReason('SSH_HOST_KEY_CHANGED', true)).toBe('lied');
    expect(distrustReason('VAST_NO_CREDIT', true)).toBeNull();
  });
});
