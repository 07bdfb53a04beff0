import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { VastBooks } from '../../src/figures/books.ts';
import { buildTown, type Town, type TownOptions } from '../../src/sandbox/town.ts';
import { type CapturedIo, capturedIo } from '../cli/captured-io.ts';

/** World seconds in a real one: a machine boots in some five. */
const speed = 30;
let town: Town;
const build = (options: Partial<TownOptions> = {}): Promise<Town> =>
  buildTown({ speed, seed: 1, vast: { accidents: 0 }, ...options });
beforeEach(async () => {
  town = await build();
});
afterEach(() => town.close());

const io = (settings: Record<string, string> = {}): CapturedIo =>
  capturedIo({ env: { HOME: town.dir, ...town.env, ...settings }, cwd: town.dir });

interface Report {
  readonly ok: boolean;
  readonly end: string;
  readonly fault: { readonly code: string } | null;
  readonly pocVersion: string | null;
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
  readonly poc: {
    readonly nonces: number;
    readonly noncesPerMinute: number;
    readonly isValidated: boolean;
  } | null;
  readonly costUsd: number | null;
  readonly machine: { readonly instanceId: number; readonly label: string } | null;
}

async function rehearse(
  words: readonly string[],
  own = io(),
): Promise<{ code: number; report: Report; err: string }> {
  const code = await dispatch(['rehearse', '--yes', '--json', ...words], own);
  return { code, report: JSON.parse(own.out()) as Report, err: own.err() };
}

const books = (): Promise<VastBooks> => town.vast.books<VastBooks>();

describe('a rehearsal', () => {
  it('rents, boots, qualifies, runs a PoC of its own, times each part and returns the machine', async () => {
    // Its first machine has to fetch the image. One that had it is billed no traffic, which our meter reckons in.
    await town.close();
    town = await build({ seed: 4 });
    const { code, report } = await rehearse(['--poc-seconds', '30']);
    expect(report).toMatchObject({ ok: true, end: 'returned', fault: null, poc: { isValidated: true } });
    expect(code).toBe(0);
    expect(report.poc?.nonces).toBeGreaterThan(0);
    const names = report.phases.map(({ name }) => name);
    for (const name of [
      'container runs',
      'qualified',
      'first nonces',
      'own batch validated',
      'returned, proven gone',
    ])
      expect(names).toContain(name);
    const { live, instancesCreated, costUsd } = await books();
    expect([live, instancesCreated]).toEqual([0, 1]);
    // Our own meter against the provider's.
    expect(Math.abs((report.costUsd ?? 0) - costUsd)).toBeLessThan(0.01);
    // Neither the Network Node nor the chain heard of it.
    expect(await town.networkNode.books<{ noncesAccepted: number }>()).toMatchObject({ noncesAccepted: 0 });
  }, 60_000);

  it('loads the model where the chain runs PoC v2, counts artifacts of its own, and delivers none', async () => {
    await town.close();
    town = await build({ flavour: 'v2', speed: 90 });
    const { code, report } = await rehearse(['--poc-seconds', '120']);
    expect(report).toMatchObject({
      ok: true,
      end: 'returned',
      fault: null,
      pocVersion: 'v2',
      poc: { version: 'v2', isValidated: true },
    });
    expect(code).toBe(0);
    expect(report.poc?.nonces).toBeGreaterThan(0);
    const names = report.phases.map(({ name }) => name);
    // Between the ML node that answers and the one that is ready the model was loaded.
    expect(names.indexOf('ML node ready')).toBe(names.indexOf('ML node answers') + 1);
    expect((await books()).live).toBe(0);
    const taken = await town.networkNode.books<{ noncesAccepted: number; artifactsAccepted: number }>();
    expect(taken).toMatchObject({ noncesAccepted: 0, artifactsAccepted: 0 });
  }, 60_000);

  it('runs PoC v1 on a chain of v2 when it is told to', async () => {
    await town.close();
    town = await build({ flavour: 'v2' });
    const { code, report } = await rehearse(['--poc', 'v1', '--poc-seconds', '30']);
    expect([code, report.pocVersion, report.fault]).toEqual([0, 'v1', null]);
    expect(report.poc).toMatchObject({ version: 'v1', isValidated: true });
  }, 60_000);

  it('returns the machine at Ctrl-C, while it boots', async () => {
    const own = io();
    const running = rehearse([], own);
    await expect.poll(async () => (await books()).instancesCreated, { timeout: 15_000 }).toBe(1);
    own.stop('SIGINT');
    const { code, report } = await running;
    expect(code).toBe(130);
    expect(report).toMatchObject({ ok: false, end: 'returned', fault: { code: 'ABORTED' } });
    expect((await books()).live).toBe(0);
  }, 60_000);

  it('fails, and leaves nothing behind, when the machine never boots', async () => {
    await town.vast.setFault('neverBoots', 1);
    const { code, report } = await rehearse(['--wait-timeout', '120']);
    expect([code, report.end, report.fault?.code]).toEqual([1, 'returned', 'MACHINE_NEVER_BOOTED']);
    expect((await books()).live).toBe(0);
  }, 60_000);

  it('says that a machine is not proven gone, when it cannot be', async () => {
    const own = io();
    const running = rehearse(['--skip-poc'], own);
    await expect.poll(async () => (await books()).instancesCreated, { timeout: 15_000 }).toBe(1);
    await town.vast.setFault('down', 1);
    own.stop('SIGINT');
    own.stop('SIGINT');
    const { code, report } = await running;
    expect([code, report.end]).toEqual([4, 'not proven gone']);
    expect(report.machine?.label).toContain('-rehearsal:');
    // The next one knows it from its store, and returns it first.
    await town.vast.setFault('down', 0);
    expect((await rehearse(['--max-cost', '0'], io()).catch(() => undefined))?.code ?? 2).toBe(2);
    expect((await books()).live).toBe(0);
  }, 90_000);

  it('keeps the machine with --keep, which ends by itself', async () => {
    const { code, report } = await rehearse(['--skip-poc', '--keep'], io({ LEASE_TTL: '300' }));
    expect([code, report.end]).toEqual([0, 'kept']);
    expect((await books()).live).toBe(1);
    await expect.poll(async () => (await books()).live, { timeout: 40_000, interval: 500 }).toBe(0);
  }, 90_000);

  it('rents nothing that would cost more than --max-cost, or without a yes', async () => {
    const dear = io();
    expect(await dispatch(['rehearse', '--yes', '--max-cost', '0.001'], dear)).toBe(2);
    expect(dear.err()).toContain('more than --max-cost allows');
    const unasked = io();
    expect(await dispatch(['rehearse'], unasked)).toBe(2);
    expect(unasked.err()).toContain('--yes');
    expect((await books()).instancesCreated).toBe(0);
  }, 30_000);
});
