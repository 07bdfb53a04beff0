import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'vitest';
import type { VastBooks } from '../../src/figures/books.ts';
import { inhabitedTown } from '../support/inhabited-town.ts';
import { inState } from '../support/journal-watch.ts';

const speed = 100;
const limitMs = 40_000;
/** Real: what issue and docs/operating.md "Stop" promise. */
const stopLimitMs = 60_000;

const cases = [
  {
    state: 'before any machine is wanted',
    signal: 'SIGINT',
    isReached: inState('epoch', 'idle'),
    away: 3_000,
  },
  { state: 'creating', signal: 'SIGTERM', isReached: inState('lease', 'creating'), away: 100 },
  { state: 'loading', signal: 'SIGINT', isReached: inState('lease', 'loading'), away: 100 },
  { state: 'connecting', signal: 'SIGTERM', isReached: inState('lease', 'connecting'), away: 100 },
  { state: 'ready', signal: 'SIGINT', isReached: inState('lease', 'held.ready'), away: 100 },
  { state: 'generating', signal: 'SIGTERM', isReached: inState('service', 'pow.generating'), away: 90 },
  { state: 'releasing', signal: 'SIGINT', isReached: inState('lease', 'releasing'), away: 90 },
] as const;

describe('a stop', () => {
  // Nearly a minute of waiting: begun first, beside the others.
  it.concurrent('names the machine that Vast.ai does not destroy, and ends in time with exit code 4', {
    timeout: 120_000,
  }, async ({ onTestFinished, expect }) => {
    const { town, journal, start, log } = await inhabitedTown(onTestFinished, {
      speed: 20,
      blocksBeforePoc: 120,
    });
    await town.vast.setFault('destroyFails', 1_000_000);
    const daemon = await start();
    await journal.until(inState('lease', 'loading'), { limitMs });
    const from = performance.now();
    daemon.signal('SIGTERM');

    expect(await daemon.exited).toBe(4);
    expect(performance.now() - from).toBeLessThan(stopLimitMs + 2_000);
    const [instance] = (await town.vast.books<VastBooks>()).instances;
    expect(log()).toContain(
      `instance ${instance?.instanceId} with label ${instance?.label} is not proven gone`,
    );
    expect(log()).toMatch(/\nstopped, but machines are left\n$/);
  });

  it.concurrent.for(cases)(
    'by $signal while $state leaves no machine and says what it did',
    { timeout: 120_000 },
    async ({ signal, isReached, away }, { onTestFinished, expect }) => {
      const { town, journal, start, log } = await inhabitedTown(onTestFinished, {
        speed,
        blocksBeforePoc: away,
      });
      const daemon = await start();
      await journal.until(isReached, { limitMs });
      const from = performance.now();
      daemon.signal(signal);

      expect(await daemon.exited).toBe(0);
      expect(performance.now() - from).toBeLessThan(stopLimitMs);
      const books = await town.vast.books<VastBooks>();
      expect(books.live).toBe(0);
      expect(log()).toMatch(/stopping; every rented machine is returned first\n/);
      for (const { instanceId } of books.instances) {
        expect(log()).toContain(`instance ${instanceId} is destroyed, and two lists prove it\n`);
      }
      expect(log()).toMatch(/\nstopped\n$/);
    },
  );

  it.concurrent('waits for no caller that never ends its request', { timeout: 60_000 }, async ({
    onTestFinished,
    expect,
  }) => {
    const { town, start } = await inhabitedTown(onTestFinished, { speed, blocksBeforePoc: 3_000 });
    const daemon = await start();
    const callers = await Promise.all([town.gatewayUrl, town.inspectionUrl].map(unfinishedRequest));
    onTestFinished(() => callers.forEach((caller) => caller.destroy()));
    const from = performance.now();
    daemon.signal('SIGTERM');
    expect(await daemon.exited).toBe(0);
    expect(performance.now() - from).toBeLessThan(10_000);
  });

  it.concurrent('by a second signal ends at once, with exit code 4', { timeout: 60_000 }, async ({
    onTestFinished,
    expect,
  }) => {
    const { town, journal, start } = await inhabitedTown(onTestFinished, { speed, blocksBeforePoc: 120 });
    await town.vast.setFault('destroyFails', 1_000_000);
    const daemon = await start();
    await journal.until(inState('lease', 'loading'), { limitMs });
    daemon.signal('SIGINT');
    await journal.until(inState('lease', 'releasing.pausing'), { limitMs });
    const from = performance.now();
    // At once it would be the first one again, as a group of processes hears it.
    const again = setInterval(() => daemon.signal('SIGINT'), 100);
    expect(await daemon.exited).toBe(4);
    clearInterval(again);
    expect(performance.now() - from).toBeLessThan(2_000);
  });
});

/** A connection on which a body of which half came is awaited. */
async function unfinishedRequest(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n');
  socket.write('content-length: 100\r\n\r\n{"model":');
  return socket;
}

describe('a second daemon on the same STATE_DIR', () => {
  it.concurrent('ends with exit code 3 and names the process that holds it', { timeout: 60_000 }, async ({
    onTestFinished,
    expect,
  }) => {
    const { start, log, startUnheard } = await inhabitedTown(onTestFinished, {
      speed,
      blocksBeforePoc: 3_000,
    });
    const first = await start();
    const second = startUnheard();
    expect(await second.exited).toBe(3);
    expect(log()).toMatch(new RegExp(`STORE_LOCKED: STATE_DIR \\S+ is in use by process ${first.pid}\n`));
    first.signal('SIGTERM');
    expect(await first.exited).toBe(0);
  });
});
