import { describe, expect, it } from 'vitest';
import type { Instance } from '../../../src/adapters/vast/interface.ts';
import { HybridError } from '../../../src/errors.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { createLeaseEffects, type LeaseEffectsOptions } from '../../../src/wiring/renting/lease-effects.ts';
import { configWith } from '../settings.ts';

const startAt = 1_800_000_000_000;

interface Provider {
  /** Lists show the instance from then on, seconds after its create. */
  readonly shownSeconds?: number;
  /** What is said of the instance itself. */
  readonly show?: () => Promise<Instance | null>;
}

/** The proof that an instance is gone, begun so many seconds after its create. */
async function proof(begunSeconds: number, provider: Provider = {}) {
  const { shownSeconds = Infinity, show = () => Promise.resolve(null) } = provider;
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
    vast: { list, show },
  } as unknown as LeaseEffectsOptions);
  await clock.advanceBy(1_000 * begunSeconds);
  const input = { instanceId: 7, createdAt: startAt };
  const asked = effects['confirmAbsence']?.({ input, signal: new AbortController().signal } as never);
  asked?.catch(() => {});
  await clock.advanceBy(300_000);
  return { looks, answer: await asked };
}

describe('the proof that an instance is gone', () => {
  it('takes two lists, ten seconds apart', async () => {
    const { looks, answer } = await proof(600);
    expect(answer).toEqual({ isGone: true });
    expect(looks).toEqual([600, 610.5]);
  });

  it('needs the word of the instance itself: two lists may be empty by mistake', async () => {
    const { looks, answer } = await proof(600, {
      show: () => Promise.resolve({ instanceId: 7 } as Instance),
    });
    expect(answer).toEqual({ isGone: false });
    expect(looks).toEqual([600, 610.5]);
  });

  it('is not there while the instance cannot be asked for', async () => {
    const unreachable = new HybridError({ code: 'VAST_UNREACHABLE', message: 'x' });
    await expect(proof(600, { show: () => Promise.reject(unreachable) })).rejects.toBe(unreachable);
  });

  it('does not begin before a fresh instance would be listed', async () => {
    const { looks, answer } = await proof(5, { shownSeconds: 25 });
    expect(answer).toEqual({ isGone: false });
    expect(Math.min(...looks)).toBe(30);
  });

  it('holds for one that was destroyed right after its create, half a minute later', async () => {
    const { looks, answer } = await proof(5);
    expect(answer).toEqual({ isGone: true });
    expect(looks).toEqual([30, 40.5]);
  });
});

/** What is found of a label whose create was not answered; each list is what the account shows then. */
async function lookUp(lists: readonly (readonly Partial<Instance>[])[]) {
  const clock = new VirtualClock(startAt);
  const looks: number[] = [];
  const list = () => {
    looks.push((clock.now() - startAt) / 1_000);
    const instances = lists[looks.length - 1] ?? [];
    return Promise.resolve({ instances, totalInstances: instances.length });
  };
  const options = { config: configWith({}), clock, vast: { list } } as unknown as LeaseEffectsOptions;
  const input = { label: 'ghm:d:l1:1' };
  const asked = createLeaseEffects(options)['lookUpLabel']?.({
    input,
    signal: new AbortController().signal,
  } as never);
  await clock.advanceBy(300_000);
  return { looks, answer: await asked };
}

describe('the search for a label whose create was not answered', () => {
  const other = { instanceId: 3, label: 'ghm:d:l0:1' };

  it('ends after two lists that show something else', async () => {
    expect(await lookUp([[other], [other]])).toEqual({ looks: [15, 30], answer: { instanceId: null } });
  });

  it('goes on twice as long in an account that seems empty', async () => {
    const found = await lookUp([[], [], [other, { instanceId: 7, label: 'ghm:d:l1:1' }]]);
    expect(found).toEqual({ looks: [15, 30, 45], answer: { instanceId: 7 } });
    expect((await lookUp([])).looks).toEqual([15, 30, 45, 60]);
  });
});
