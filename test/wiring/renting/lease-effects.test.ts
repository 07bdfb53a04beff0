import { describe, expect, it } from 'vitest';
import type { Instance } from '../../../src/adapters/vast/interface.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { createLeaseEffects, type LeaseEffectsOptions } from '../../../src/wiring/renting/lease-effects.ts';
import { configWith } from '../settings.ts';

const startAt = 1_800_000_000_000;

/** The proof that an instance is gone, begun so many seconds after its create; lists show it from `shownSeconds` on. */
async function proof(begunSeconds: number, shownSeconds = Infinity) {
  const clock = new VirtualClock(startAt);
  const looks: number[] = [];
  const list = () => {
    const seconds = (clock.now() - startAt) / 1_000;
    looks.push(seconds);
    const instances = seconds >= shownSeconds ? [{ instanceId: 7 } as Instance] : [];
    return Promise.resolve({ instances });
  };
  const effects = createLeaseEffects({
    config: configWith({}),
    clock,
    vast: { list },
  } as unknown as LeaseEffectsOptions);
  await clock.advanceBy(1_000 * begunSeconds);
  const input = { instanceId: 7, createdAt: startAt };
  const asked = effects['confirmAbsence']?.({ input, signal: new AbortController().signal } as never);
  await clock.advanceBy(300_000);
  return { looks, answer: await asked };
}

describe('the proof that an instance is gone', () => {
  it('takes two lists, ten seconds apart', async () => {
    const { looks, answer } = await proof(600);
    expect(answer).toEqual({ isGone: true });
    expect(looks).toEqual([600, 610.5]);
  });

  it('does not begin before a fresh instance would be listed', async () => {
    const { looks, answer } = await proof(5, 25);
    expect(answer).toEqual({ isGone: false });
    expect(Math.min(...looks)).toBe(30);
  });

  it('holds for one that was destroyed right after its create, half a minute later', async () => {
    const { looks, answer } = await proof(5);
    expect(answer).toEqual({ isGone: true });
    expect(looks).toEqual([30, 40.5]);
  });
});
