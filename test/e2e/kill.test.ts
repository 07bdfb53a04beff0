import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../src/sandbox/figures.ts';
import { pocsOf } from '../../src/figures/books.ts';
import { readBooks } from '../../src/sandbox/run.ts';
import type { Town } from '../../src/sandbox/town.ts';
import { found, type InhabitedTown, inhabitedTown } from '../support/inhabited-town.ts';
import { inState, type JournalWatch } from '../support/journal-watch.ts';

/** A block lasts 178 ms then; a restart takes some 550 ms, and may take five blocks. */
const speed = 30;
const restartLimitMs = 5_000;
const limitMs = 60_000;

const inJournal =
  (isReached: Parameters<JournalWatch['until']>[0]): ((live: InhabitedTown) => Promise<unknown>) =>
  ({ journal }) =>
    journal.until(isReached, { limitMs });

/**
 * The moments at which the daemon is killed, in the order of a PoC. The one stretch without a kill is that from the end
 * of generation to the start of validation, half a minute: the Network Node posts each batch once, at its start, to the
 * nodes that took their init/validate by then (docs/reference/protocol.md "Our node as validator"); who is away then
 * has missed it.
 */
const moments = [
  ['an offer is chosen', inJournal(inState('epoch', 'renting'))],
  ['the machine is created', inJournal(inState('lease', 'creating'))],
  ['the image is loaded', inJournal(inState('lease', 'loading'))],
  ['the tunnel is opened', inJournal(inState('lease', 'connecting'))],
  ['the ML node starts', inJournal(inState('lease', 'starting'))],
  ['the machine is ready', inJournal(inState('epoch', 'ready'))],
  ['the machine took the init', inJournal(inState('service', 'pow.generating'))],
  ['nonces arrive', ({ town }) => found(() => hasNonces(town), limitMs)],
  ['every batch to validate was posted', ({ town }) => found(() => hasPostedAll(town), limitMs)],
  ['the machine is destroyed', inJournal(inState('lease', 'releasing'))],
  ['its absence is proven', inJournal(inState('lease', 'confirmingGone'))],
] as const satisfies readonly (readonly [string, (live: InhabitedTown) => Promise<unknown>])[];

describe('kill -9', () => {
  it('in any state of one PoC, each followed by a new start, costs neither the PoC nor a second machine', {
    timeout: 240_000,
  }, async ({ onTestFinished }) => {
    const live = await inhabitedTown(onTestFinished, { speed, blocksBeforePoc: 130 });
    const { town, journal, start } = live;
    const restartsMs: number[] = [];
    let daemon = await start();
    for (const [moment, reached] of moments) {
      await reached(live).catch((error: unknown) => {
        throw new Error(`${moment}: ${String(error)}`);
      });
      daemon.signal('SIGKILL');
      expect(await daemon.exited).toBe(137);
      const from = performance.now();
      daemon = await start();
      await found(() => actsAgain(town.inspectionUrl), restartLimitMs);
      restartsMs.push(Math.round(performance.now() - from));
    }
    await journal.until(inState('epoch', 'settled'), { limitMs });
    daemon.signal('SIGTERM');
    const books = await readBooks(town);
    const figures = figuresOf(books, 1, { requests: 0, failed: 0, streamed: 0, failures: {} });
    console.info(`restarts took ${restartsMs.join(', ')} ms; ${JSON.stringify(figures)}`);

    expect(await daemon.exited).toBe(0);
    expect(figures).toMatchObject({
      completed: 1,
      missed: 0,
      leases: 1,
      leakedInstances: 0,
      callbacksLost: 0,
    });
    expect(figures.noncesAccepted).toBeGreaterThan(0);
    expect(books.vast.machines.flatMap(pocsOf).map((poc) => poc.modelLoads)).toEqual([1]);
    expect(Math.max(...restartsMs)).toBeLessThanOrEqual(restartLimitMs);
  });
});

async function hasNonces(town: Town): Promise<true | undefined> {
  return (await readBooks(town)).networkNode.noncesAccepted > 0 ? true : undefined;
}

async function hasPostedAll(town: Town): Promise<true | undefined> {
  const { validationsRequested, epochs } = await town.networkNode.books<{
    validationsRequested: number;
    epochs: { validationsDue: number }[];
  }>();
  const due = epochs[0]?.validationsDue ?? 0;
  return due > 0 && validationsRequested === due ? true : undefined;
}

/** True once the daemon follows the chain and every machine that it holds is reached again. */
async function actsAgain(inspectionUrl: string): Promise<true | undefined> {
  const answer = await fetch(`${inspectionUrl}/v1/state`);
  const { chain, machines } = (await answer.json()) as {
    chain: object | null;
    machines: { chart: string; value: unknown }[];
  };
  const held = machines.filter(
    ({ chart, value }) => chart === 'lease' && JSON.stringify(value).includes('held'),
  );
  const open = machines.filter(({ chart, value }) => chart === 'tunnel' && value === 'open');
  return chain !== null && open.length >= held.length ? true : undefined;
}
