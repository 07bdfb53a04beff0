import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { found, inhabitedTown } from '../support/inhabited-town.ts';

/** After so long, real, every look at the chain has its rhythm; as long again, and start-up's garbage is collected. */
const settleMs = 10_000;
const residentMbMax = 150;
const restartMsMax = 5_000;

describe("an idle daemon at the world's own speed", () => {
  it('takes at most 150 MB, and after kill -9 follows the chain again within 5 s', {
    timeout: 60_000,
  }, async ({ onTestFinished }) => {
    const { town, start } = await inhabitedTown(onTestFinished, { speed: 1, blocksBeforePoc: 15_000 });
    const first = await start();
    await found(() => followsChain(town.inspectionUrl), restartMsMax);
    // The one wait by the clock: what is measured is the size after a time.
    await new Promise((resolve) => {
      setTimeout(resolve, settleMs);
    });
    const size = (): number => residentKb(first.pid) / 1_024;
    const sizeAtFirstMb = size();
    const sizeMb = await found(async () => (size() <= residentMbMax ? size() : undefined), settleMs);
    first.signal('SIGKILL');
    await first.exited;
    const from = performance.now();
    const second = await start();
    await found(() => followsChain(town.inspectionUrl), restartMsMax);
    const restartMs = performance.now() - from;
    second.signal('SIGTERM');
    console.info(
      `idle ${sizeAtFirstMb.toFixed(0)}, then ${sizeMb.toFixed(0)} MB; restart ${restartMs.toFixed(0)} ms`,
    );

    expect(sizeMb).toBeLessThanOrEqual(residentMbMax);
    expect(restartMs).toBeLessThanOrEqual(restartMsMax);
    expect(await second.exited).toBe(0);
  });
});

async function followsChain(inspectionUrl: string): Promise<true | undefined> {
  const answer = await fetch(`${inspectionUrl}/v1/state`);
  const { chain } = (await answer.json()) as { chain: { standing: string } | null };
  return chain?.standing === 'following' ? true : undefined;
}

/** `VmRSS` of a process. */
function residentKb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]);
}
