import type { LoadSeen } from './closed-loop.ts';
import { cpuMs } from './process-usage.ts';
import { quantile } from './statistics.ts';
import type { Subject } from './subject.ts';

/** One window: what the callers saw and what it cost the process that was measured. */
export interface LoadSample extends LoadSeen {
  readonly cpuMs: number;
}

export async function sampleLoad(subject: Subject, run: () => Promise<LoadSeen>): Promise<LoadSample> {
  const beforeMs = cpuMs(subject.pid);
  const seen = await run();
  return { ...seen, cpuMs: cpuMs(subject.pid) - beforeMs };
}

export const answersPerSecond = (sample: LoadSample): number => sample.answers / sample.seconds;

export const cpuUsPerAnswer = (sample: LoadSample): number => (sample.cpuMs * 1_000) / sample.answers;

/** Share of its core, 0…1: well below 1 in a closed loop means that the load generator was the limit. */
export const busyShare = (sample: LoadSample): number => sample.cpuMs / 1_000 / sample.seconds;

export const totalQuantileMs =
  (q: number) =>
  (sample: LoadSample): number =>
    quantile(sample.totalMs, q);

/** Infinite when no answer brought a byte. */
export const firstByteMedianMs = (sample: LoadSample): number =>
  sample.firstByteMs.length === 0 ? Number.POSITIVE_INFINITY : quantile(sample.firstByteMs, 0.5);
