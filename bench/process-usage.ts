import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time that a process and all its threads have used, milliseconds. The scheduler's nanoseconds where the kernel
 * gives them (`/proc/<pid>/task/<tid>/schedstat`), else utime + stime in ticks of 10 ms (`/proc/<pid>/stat`).
 */
export function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`).map((tid) => threadNs(pid, tid));
  if (threads.every((ns) => ns !== undefined)) return threads.reduce((sum, ns) => sum + ns, 0) / 1e6;
  return cpuTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) * 10;
}

/**
 * How long the main thread of a process was ready to run and had no core, milliseconds since its start. Zero where
 * the kernel does not say.
 */
export function waitedMs(pid: number): number {
  const fields = schedule(pid, String(pid));
  return fields === undefined ? 0 : Number(fields[1]) / 1e6;
}

/** utime + stime of a line of `/proc/<pid>/stat`; the name in parentheses may hold blanks. */
export function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Resident set of a process, megabytes of 10^6 bytes. */
export function rssMb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return (Number(line?.[1]) * 1_024) / 1e6;
}

function threadNs(pid: number, tid: string): number | undefined {
  const fields = schedule(pid, tid);
  return fields === undefined ? undefined : Number(fields[0]);
}

/** Nanoseconds run, nanoseconds waited, turns. */
function schedule(pid: number, tid: string): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ');
  } catch {
    return undefined;
  }
}
