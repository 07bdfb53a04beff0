import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChainOfSources, createChainOfSources } from '../../../src/wiring/chain/chain-of-sources.ts';
import { createSimulatedChain } from '../../../src/adapters/chain/simulated.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { unixMs } from '../../../src/units.ts';
import { ChainSource } from '../../../src/world/chain/chain-source.ts';
import { ChainWorld } from '../../../src/world/chain/chain-world.ts';

const signal = AbortSignal.timeout(60_000);
const startsAt = unixMs(1_800_000_000_000);

describe('three sources as one', () => {
  let clock: VirtualClock;
  let world: ChainWorld;
  let second: ChainSource;
  let third: ChainSource;
  let chain: ChainOfSources;
  let create: () => ChainOfSources;
  /** What survives a daemon. */
  const rows = new Map<string, string>();

  beforeEach(() => {
    clock = new VirtualClock(startsAt);
    world = new ChainWorld({ clock, seed: 7, accounts: { gonka1own: { pubkey: 'A1', balance: 5 } } });
    second = new ChainSource(world.view, 'nested');
    third = new ChainSource(world.view);
    const now = () => unixMs(clock.now());
    create = () =>
      createChainOfSources({
        now,
        patience: (own) => clock.sleep(1_500, own),
        sources: [world, second, third].map((each, index) => ({
          name: `source-${index + 1}`,
          chain: createSimulatedChain({ world: each, clock, now, timeoutMs: 5_000 }),
        })),
      });
    chain = create();
    rows.clear();
  });
  afterEach(() => world.close());

  const standings = (): readonly string[] => chain.sources().map(({ standing }) => standing);
  /** Looks every ten seconds of the world's time. */
  async function follow(looks: number): Promise<void> {
    for (let look = 0; look < looks; look += 1) {
      await clock.advanceBy(10_000);
      await headNow();
    }
  }
  async function headNow(): Promise<number> {
    const asked = chain.head(signal);
    asked.catch(() => undefined);
    await clock.advanceBy(6_000);
    return (await asked).height;
  }

  it('gives the height of the chain while one is ahead, and says who lies', async () => {
    await follow(3);
    world.faults.set('ahead', 300);
    second.faults.set('shifted', 0);
    const height = await headNow();
    expect(world.height - height).toBeLessThanOrEqual(2);
    expect(standings()).toEqual(['lying', 'following', 'following']);
    expect(chain.sources()[0]).toMatchObject({ name: 'source-1', fault: null });
  });

  it('gives stages of the chain while one moves them, and says who lies', async () => {
    await follow(3);
    second.faults.set('shifted', 500);
    const { pocStartHeight } = (await readHead()).next;
    expect(pocStartHeight).toBe(world.stagesAt(world.height).next_poc_start);
    expect(standings()).toEqual(['following', 'lying', 'following']);
  });

  it('waits no longer for one that hangs than a moment after the others', async () => {
    await follow(3);
    third.faults.set('silent', 1);
    const before = clock.now();
    const asked = chain.head(signal).then(() => clock.now() - before);
    await clock.advanceBy(6_000);
    expect(await asked).toBeLessThanOrEqual(1_500);
    expect(standings()).toEqual(['following', 'following', 'unreachable']);
    expect(chain.sources()[2]).toMatchObject({ fault: 'CHAIN_UNREACHABLE', height: expect.any(Number) });
  });

  it('gives the last good head again while all that answer lag', async () => {
    await follow(20);
    const height = await headNow();
    for (const { faults } of [world, second, third]) faults.set('lag', 20);
    expect(await headNow()).toBe(height);
  });

  it('asks a liar last for parameters and accounts', async () => {
    await follow(3);
    world.faults.set('shifted', 900);
    await headNow();
    const asked = world.books()['requests'];
    expect(await chain.params(signal)).toMatchObject({ expectedConfirmationsPerEpoch: expect.any(Number) });
    expect(await chain.knowsAccount('gonka1own', signal)).toBe(true);
    expect(world.books()['requests']).toBe(asked);
  });

  it('says what each says when none is credible', async () => {
    await follow(3);
    for (const [index, { faults }] of [world, second, third].entries())
      faults.set('shifted', 700 * (index + 1));
    await expect(headNow()).rejects.toMatchObject({
      code: 'CHAIN_SOURCES_DISAGREE',
      message: expect.stringContaining('source-2 lying at'),
    });
  });

  describe('after a restart', () => {
    const store = {
      get: (key: string) => rows.get(key),
      set: (key: string, value: string) => rows.set(key, value),
    };
    const restart = (): void => {
      chain = create();
      chain.keepHeadIn(store);
    };
    beforeEach(async () => {
      restart();
      await follow(3);
    });

    it('believes at once the only one that answers, as it goes on from where the chain was', async () => {
      restart();
      for (const { faults } of [world, second]) faults.set('silent', 1);
      expect(world.height - (await headNow())).toBeLessThanOrEqual(2);
    });

    it('does not believe the only one that answers when it is far ahead of where the chain was', async () => {
      restart();
      for (const { faults } of [world, second]) faults.set('silent', 1);
      third.faults.set('ahead', 2_000);
      await expect(headNow()).rejects.toMatchObject({ code: 'CHAIN_SOURCES_DISAGREE' });
    });

    it('meets the chain anew after more than an hour', async () => {
      await clock.advanceBy(3_700_000);
      for (const { faults } of [world, second]) faults.set('silent', 1);
      restart();
      await expect(headNow()).rejects.toMatchObject({ code: 'CHAIN_SOURCES_DISAGREE' });
      for (let look = 0; look < 12; look += 1) await headNow().catch(() => null);
      expect(world.height - (await headNow())).toBeLessThanOrEqual(2);
    });

    it('knows half an hour later what one source alone may claim, and what not', async () => {
      await clock.advanceBy(1_800_000);
      for (const { faults } of [world, second]) faults.set('silent', 1);
      restart();
      expect(world.height - (await headNow())).toBeLessThanOrEqual(2);
      restart();
      third.faults.set('ahead', 500);
      await expect(headNow()).rejects.toMatchObject({ code: 'CHAIN_SOURCES_DISAGREE' });
      expect(standings()).toEqual(['unreachable', 'unreachable', 'unknown']);
    });

    it('believes two that agree, whatever it remembers', async () => {
      const kept = JSON.parse(rows.get('chain.good_head') ?? '{}') as { head: { height: number } };
      kept.head.height += 2_000;
      rows.set('chain.good_head', JSON.stringify(kept));
      restart();
      third.faults.set('silent', 1);
      expect(world.height - (await headNow())).toBeLessThanOrEqual(2);
      expect(JSON.parse(rows.get('chain.good_head') ?? '{}')).toMatchObject({
        head: { height: expect.any(Number) },
      });
      expect(standings()).toEqual(['following', 'following', 'unreachable']);
    });

    it('keeps nothing that one source alone said', async () => {
      rows.clear();
      restart();
      for (const { faults } of [world, second]) faults.set('silent', 1);
      for (let look = 0; look < 12; look += 1) await headNow().catch(() => null);
      expect(world.height - (await headNow())).toBeLessThanOrEqual(2);
      expect(rows.size).toBe(0);
    });

    it.each([
      ['nothing', ''],
      ['no object', 'null'],
      ['half an object', '{}'],
      ['no JSON', '{"head":'],
      ['a height that is none', (text: string) => text.replace(/"height":\d+/, '"height":1.5')],
      ['the future', (text: string) => text.replace(/"askedAt":\d+/, `"askedAt":${startsAt + 1e12}`)],
      ['other sources', (text: string) => text.replace('source-1', 'elsewhere')],
    ])('meets the chain anew when the store tells %s', async (_, change) => {
      const text = rows.get('chain.good_head') ?? '';
      rows.set('chain.good_head', typeof change === 'string' ? change : change(text));
      restart();
      for (const { faults } of [world, second]) faults.set('silent', 1);
      await expect(headNow()).rejects.toMatchObject({ code: 'CHAIN_SOURCES_DISAGREE' });
    });

    it('remembers nothing of a single source', async () => {
      const [asked, now] = [new Map<string, string>(), () => unixMs(clock.now())];
      chain = createChainOfSources({
        now,
        sources: [{ name: 'only', chain: createSimulatedChain({ world, clock, now, timeoutMs: 5_000 }) }],
      });
      chain.keepHeadIn({ get: (key) => asked.get(key), set: (key, value) => asked.set(key, value) });
      await headNow();
      expect(asked.size).toBe(0);
    });

    it('writes once in a hundred blocks', async () => {
      const heights: number[] = [];
      chain = create();
      chain.keepHeadIn({
        ...store,
        set: () => heights.push(world.height),
      });
      await follow(70);
      const steps = heights.slice(1).map((height, index) => height - (heights[index] ?? 0));
      expect(steps.length).toBeGreaterThan(0);
      for (const step of steps) expect(step).toBeGreaterThanOrEqual(99);
    });

    it('gives the height all the same when it cannot write', async () => {
      let writes = 0;
      chain = create();
      chain.keepHeadIn({
        get: () => undefined,
        set: () => {
          writes += 1;
          throw new Error('disk full');
        },
      });
      expect(world.height - (await headNow())).toBeLessThanOrEqual(2);
      expect(writes).toBe(1);
    });
  });

  async function readHead(): ReturnType<ChainOfSources['head']> {
    const asked = chain.head(signal);
    await clock.advanceBy(6_000);
    return asked;
  }
});
