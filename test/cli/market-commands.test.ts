import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { capturedIo } from './captured-io.ts';
import { type OperatorTown, operatorTown } from './operator-town.ts';

let town: OperatorTown;
beforeEach(async () => {
  town = await operatorTown();
});
afterEach(() => town.close());

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo({ env: town.env, cwd: town.dir });
  const code = await dispatch(words, io);
  return { code, out: io.out(), err: io.err() };
}

interface Row {
  readonly offer: { readonly gpuName: string; readonly price: number };
  readonly rejection: string | null;
  readonly score: number;
}

describe('offers', () => {
  it('ranks the market as the daemon would, the best first, and says what speaks against the others', async () => {
    const { code, out } = await run('offers', '--gpu-type', 'RTX_4090,L40S', '--max-price', '0.8', '--json');
    expect(code).toBe(0);
    const { needs, offers } = JSON.parse(out) as { needs: object; offers: readonly Row[] };
    expect(needs).toMatchObject({ gpuNames: ['RTX 4090', 'L40S'], priceMax: 800_000 });
    const taken = offers.filter(({ rejection }) => rejection === null);
    expect(taken.length).toBeGreaterThan(2);
    expect(taken.length).toBeLessThan(offers.length);
    // The rejected come last.
    expect(offers.slice(0, taken.length)).toEqual(taken);
    expect(taken.map(({ score }) => score)).toEqual(
      taken.map(({ score }) => score).toSorted((a, b) => a - b),
    );
    for (const { offer, rejection } of offers) {
      expect(['RTX 4090', 'L40S']).toContain(offer.gpuName);
      if (offer.price > 800_000) expect(rejection).toContain('dearer than $0.80/h');
    }
  });

  it('is one line an offer for a person', async () => {
    const { out } = await run('offers', '--limit', '3');
    const [head, ...rows] = out.trimEnd().split('\n');
    expect(head).toMatch(
      /OFFER +MACHINE +GPUS +\$\/H +MBIT\/S +RELIABLE +IN TIME +EXPECTED \$ +NONCES\/H +SCORE/,
    );
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toMatch(/^\d+ +\d+ +\dx \S.* +\d\.\d{3} +\d+ +0\.\d{3} +\d+%/);
  });

  it('says so when nothing fits, and names a setting or a number that is wrong', async () => {
    expect((await run('offers', '--max-price', '0.0001')).out).toContain('no offer meets the needs');
    expect(await run('offers', '--hours', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--hours'),
    });
    town.env['VASTAI_API_KEY'] = '';
    expect(await run('offers')).toMatchObject({ code: 2, err: expect.stringContaining('VASTAI_API_KEY') });
  });

  it('fails with the provider’s own reason, without the key', async () => {
    town.env['VASTAI_API_KEY'] = 'wrong-canary';
    const { code, err } = await run('offers');
    expect(code).toBe(1);
    expect(err).toContain('VAST_KEY_REFUSED');
    expect(err).not.toContain('wrong-canary');
  });
});

describe('monitor', () => {
  it('tells where the chain is, when the next PoC comes, and whether a machine is wanted', async () => {
    const { code, out } = await run('monitor');
    expect(code).toBe(0);
    expect(out).toMatch(/^epoch 135, height 20\d{5}, Inference; a block takes 5\.\d+ s$/m);
    expect(out).toMatch(/^PoC 136 starts at 2089200: in \d+ blocks, about \d+ min \(± \d+ min\)$/m);
    expect(out).toContain('policy: sprint (RENTAL_POLICY=sprint)\na machine should not be up now\n');
    const view = JSON.parse((await run('monitor', '--json')).out) as object;
    expect(view).toMatchObject({ epochIndex: 135, mode: 'sprint', isMachineWanted: false, pocBlocks: 185 });
  });

  it('looks again and again with --watch, over a chain that is away for a while, until Ctrl-C', async () => {
    const io = capturedIo({ env: town.env, cwd: town.dir });
    const running = dispatch(['monitor', '--watch', '--json', '--interval', '0.2'], io);
    await expect.poll(() => io.out().split('\n').length).toBeGreaterThan(2);
    await town.end('chain');
    await expect.poll(() => io.err()).toContain('CHAIN_UNREACHABLE');
    io.stop('SIGINT');
    expect(await running).toBe(0);
  });

  it('fails in words when no source answers', async () => {
    await town.end('chain');
    expect(await run('monitor')).toMatchObject({
      code: 1,
      err: expect.stringContaining('CHAIN_UNREACHABLE'),
    });
  });
});
