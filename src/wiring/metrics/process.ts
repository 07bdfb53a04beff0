import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Sample } from '../../metrics/exposition.ts';
import { programVersion } from '../../server/mlnode-api/program-version.ts';
import type { UnixMs } from '../../units.ts';

/** How finely the event loop is watched, real milliseconds: a look costs some microseconds. */
const resolutionMs = 20;

/** Figures of the process itself. */
export interface ProcessFigures {
  readonly build_info: readonly Sample[];
  readonly start_timestamp_seconds: readonly Sample[];
  readonly process_cpu_seconds_total: readonly Sample[];
  readonly process_resident_memory_bytes: readonly Sample[];
  readonly process_heap_used_bytes: readonly Sample[];
  readonly event_loop_delay_seconds: readonly Sample[];
}

export function watchProcess(startedAt: UnixMs): { figures(): ProcessFigures; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  return {
    figures: () => {
      const { user, system } = process.cpuUsage();
      const memory = process.memoryUsage();
      return {
        build_info: [{ labels: { version: programVersion(), node: process.versions.node }, value: 1 }],
        start_timestamp_seconds: [{ value: startedAt / 1000 }],
        process_cpu_seconds_total: [{ value: (user + system) / 1e6 }],
        process_resident_memory_bytes: [{ value: memory.rss }],
        process_heap_used_bytes: [{ value: memory.heapUsed }],
        event_loop_delay_seconds: loopDelay(delay),
      };
    },
    stop: () => {
      delay.disable();
    },
  };
}

/** Beyond the resolution, which is how long every look waits anyway. Since the last time; NaN before the first look. */
function loopDelay(delay: IntervalHistogram): readonly Sample[] {
  const beyond = (ns: number): number | null =>
    Number.isFinite(ns) ? Math.max(0, ns / 1e9 - resolutionMs / 1000) : null;
  const samples = [
    { labels: { stat: 'mean' }, value: beyond(delay.mean) },
    { labels: { stat: 'p99' }, value: delay.count === 0 ? null : beyond(delay.percentile(99)) },
    { labels: { stat: 'max' }, value: delay.count === 0 ? null : beyond(delay.max) },
  ];
  delay.reset();
  return samples;
}
