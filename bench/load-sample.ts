import type { LoadSeen } from './closed-loop.ts';
import { cpuMs, waitedMs } from './process-usage.ts';
import { quantile } from './statistics.ts';
import type { Subject } from './subject.ts';

/** One window: what the callers saw and what it cost the process that was measured. */
export interface LoadSample extends LoadSeen {
  readonly cpuMs: number;
  /** How long it was ready to run while somebody else had its core. */
  readonly waitedMs: number;
}

export async function sampleLoad(subject: Subject, run: () => Promise<LoadSeen>): Promise<LoadSample> {
  const before = { cpuMs: cpuMs(subject.pid), waitedMs: waitedMs(subject.pid) };
  const seen = await run();
  return {
    ...seen,
    cpuMs: cpuMs(subject.pid) - before.cpuMs,
    waitedMs: waitedMs(subject.pid) - before.waitedMs,
  };
}

export const answersPerSecond = (sample: LoadSample): number => sample.answers / sample.seconds;

export const cpuUsPerAnswer = (sample: LoadSample): number => (sample.cpuMs * 1_000) / sample.answers;

/** Share of its core, 0…1: well below 1 in a closed loop means that the load generator was the limit. */
export const busyShare = (sample: LoadSample): number => sample.cpuMs / 1_000 / sample.seconds;

/** Share of the time for which it was kept from its core, 0…1: above some hundredths the figures are noise. */
export const waitedShare = (sample: LoadSample): number => sample.waitedMs / 1_000 / sample.seconds;

export const totalQuantileMs =
  (q: number) =>
  (sample: LoadSample): number =>
    quantile(sample.totalMs, q);

/** Infinite when no answer brought a byte. */
export const firstByteMedianMs = (sample: LoadSample): number =>
  sample.firstByteMs.length === 0 ? Number.POSITIVE_INFINITY : quantile(sample.firstByteMs, 0.5);
