import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { demoVerdict } from '../../src/cli/demo-verdict.ts';
import { blemishes, type Bounds } from '../../src/sandbox/blemishes.ts';
import { runEpochs, type RunReport } from '../../src/sandbox/run.ts';
import { capturedIo } from '../cli/captured-io.ts';
import { inhabitedTown } from '../support/inhabited-town.ts';

const overlapping = fileURLToPath(new URL('../support/overlapping-daemon.ts', import.meta.url));
const speed = 60;
const leadSeconds = 600;
const bounds: Bounds = { accidents: 0, speed, leadSeconds, fleetWidth: 3 };

async function lived(
  { onTestFinished, signal }: { onTestFinished: (act: () => Promise<void>) => void; signal: AbortSignal },
  program?: readonly string[],
): Promise<RunReport> {
  const { town, goOn } = await inhabitedTown(onTestFinished, {
    speed,
    blocksBeforePoc: 120,
    settings: { GPU_FLEET_WIDTH: '3', POC_PREP_TIME: `${leadSeconds}` },
  });
  return runEpochs({
    town,
    epochs: 1,
    limitMs: 90_000,
    signal,
    onUp: goOn,
    ...(program === undefined ? {} : { program }),
  });
}

describe('a fleet of three machines in a world in a box', () => {
  it.concurrent('does one PoC together, each nonce once and of the class of the node', {
    timeout: 120_000,
  }, async (test) => {
    const report = await lived(test);
    const text = JSON.stringify(report.figures);
    expect(report.figures, text).toMatchObject({
      completed: 1,
      machines: 3,
      noncesDuplicate: 0,
      noncesOutOfClass: 0,
      callbacksLost: 0,
      leakedInstances: 0,
    });
    expect(blemishes(report.figures, bounds), text).toEqual([]);
    expect(report.daemonExitCode).toBe(0);
  });

  it.concurrent('is seen to overlap when it does, and the exit code tells', {
    timeout: 120_000,
  }, async (test) => {
    const report = await lived(test, [overlapping]);
    const text = JSON.stringify(report.figures);
    expect(report.figures.noncesDuplicate, text).toBeGreaterThan(0);
    // Nothing else gives it away: the PoC is completed, on no machine more than there are places.
    expect(report.figures, text).toMatchObject({ completed: 1, missed: 0, machines: 3, leases: 3 });
    expect(blemishes(report.figures, bounds)).toContainEqual(
      expect.stringMatching(/^\d+ nonces received more than once$/),
    );
    expect(demoVerdict(report, bounds, true, capturedIo())).toBe(1);
  });
});
