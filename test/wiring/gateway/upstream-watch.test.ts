import { describe, expect, it } from 'vitest';
import type { Upstream, UpstreamModel } from '../../../src/adapters/upstream/interface.ts';
import { HybridError } from '../../../src/errors.ts';
import { createUpstreamWatch } from '../../../src/wiring/gateway/upstream-watch.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { silent } from '../small-town.ts';

const listed = (...ids: string[]): readonly UpstreamModel[] =>
  ids.map((id) => ({ id, contextLength: null, inputUsdPerMillion: null, outputUsdPerMillion: null }));
const outage = new HybridError({ code: 'UPSTREAM_UNREACHABLE', message: 'down' });
const refusal = new HybridError({ code: 'UPSTREAM_KEY_REFUSED', message: '401' });

/** A watch whose list is asked of `answer`. */
function watched() {
  const clock = new VirtualClock();
  const state = { answer: (): readonly UpstreamModel[] => listed('ours', 'other'), asked: 0 };
  const upstream = {
    name: 'hyperbolic',
    models: async () => {
      state.asked += 1;
      return state.answer();
    },
  } satisfies Pick<Upstream, 'name' | 'models'>;
  const watch = createUpstreamWatch({
    upstream: upstream as unknown as Upstream,
    model: 'ours',
    clock,
    log: silent,
  });
  const fail = (error: Error) => {
    state.answer = () => {
      throw error;
    };
  };
  return { clock, state, watch, fail, check: () => watch.check(new AbortController().signal) };
}

describe('the watch over the inference API', () => {
  it('is unhealthy before the first look and healthy after a list that has the model', async () => {
    const { watch, check } = watched();
    expect(watch.isHealthy()).toBe(false);
    await check();
    expect(watch.isHealthy()).toBe(true);
    expect(watch.view()).toEqual({ isModelServed: true, modelsListed: 2, fault: null });
  });

  it('names what is listed when the model is not', async () => {
    const { watch, state, check } = watched();
    state.answer = () => listed('theirs', 'others');
    await expect(check()).rejects.toMatchObject({
      code: 'UPSTREAM_MODEL_MISSING',
      message: 'hyperbolic does not serve ours (HYPERBOLIC_MODEL); it lists: theirs, others',
    });
    expect(watch.isHealthy()).toBe(false);
    state.answer = () => [];
    await expect(check()).rejects.toMatchObject({ message: expect.stringContaining('it lists: none') });
  });

  it('stays healthy through an outage, which says nothing about the model, but not when the key is refused', async () => {
    const { watch, fail, check } = watched();
    await check();
    fail(outage);
    await expect(check()).rejects.toBe(outage);
    expect(watch.isHealthy()).toBe(true);
    expect(watch.view()).toMatchObject({ fault: { code: 'UPSTREAM_UNREACHABLE' } });
    fail(refusal);
    await expect(check()).rejects.toBe(refusal);
    expect(watch.isHealthy()).toBe(false);
  });

  it('looks every five minutes, sooner after a failure, and not at all once it is stopped', async () => {
    const { watch, clock, state, fail } = watched();
    watch.start();
    await clock.advanceBy(299_000);
    expect(state.asked).toBe(1);
    fail(outage);
    await clock.advanceBy(1_000);
    expect(state.asked).toBe(2);
    await clock.advanceBy(45_000);
    expect(state.asked).toBe(5);
    watch.stop();
    await clock.advanceBy(600_000);
    expect(state.asked).toBe(5);
  });

  it('takes a model off the list when a request finds it gone, and looks again at once', async () => {
    const { watch, clock, state } = watched();
    expect(watch.serves('ours')).toBe(true);
    watch.start();
    await clock.advanceBy(1_000);
    expect([watch.serves('ours'), watch.serves('theirs')]).toEqual([true, false]);
    watch.markGone('other');
    expect([watch.isHealthy(), watch.serves('other')]).toEqual([true, false]);
    watch.markGone('ours');
    expect([watch.isHealthy(), watch.serves('ours')]).toEqual([false, false]);
    expect(watch.view()).toMatchObject({ fault: { code: 'UPSTREAM_MODEL_MISSING' } });
    await clock.advanceBy(0);
    expect([state.asked, watch.isHealthy()]).toEqual([2, true]);
    watch.stop();
  });
});
