import { computed, signal } from '@preact/signals';
import type { State } from './model.ts';

const tickMs = 500;

const beat = signal(0);
const anchor = signal({ daemonMs: Date.now(), pageMs: performance.now(), scale: 1 });
const head = signal<{ height: number; seenAt: number; blockTimeMs: number } | null>(null);
setInterval(() => {
  if (document.visibilityState === 'visible') beat.value += 1;
}, tickMs);

/** Between two looks at the daemon its clock is counted on from here. */
export function noteTime({ daemon, chain }: State): void {
  anchor.value = { daemonMs: daemon.now, pageMs: performance.now(), scale: daemon.timeScale };
  head.value = chain;
}

/** The daemon's clock, Unix milliseconds; moves twice a second. */
export const now = computed(() => {
  void beat.value;
  const { daemonMs, pageMs, scale } = anchor.value;
  return daemonMs + (performance.now() - pageMs) * scale;
});

export const timeScale = computed(() => anchor.value.scale);

/** The height as it should be by now, with a fraction: never more than a few blocks beyond the one that was seen. */
export const heightNow = computed(() => {
  if (head.value === null) return null;
  const { height, seenAt, blockTimeMs } = head.value;
  const since = Math.max(0, now.value - seenAt) / blockTimeMs;
  return height + Math.min(since, Math.max(1, (4_000 * timeScale.value) / blockTimeMs));
});

/** When a height was or will be reached, by the newest head and the mean block time. */
export function timeAtHeight(height: number): number | null {
  const seen = head.value;
  return seen === null ? null : seen.seenAt + (height - seen.height) * seen.blockTimeMs;
}

/** The height at a time, the same way round. */
export function heightAtTime(at: number): number | null {
  const seen = head.value;
  return seen === null ? null : seen.height + (at - seen.seenAt) / seen.blockTimeMs;
}
