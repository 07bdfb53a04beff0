/**
 * Time as the world's neighbours know it, in world milliseconds since the Unix epoch. The sandbox gives a clock that
 * runs `speed` times faster than the wall; the simulation one that jumps. A neighbour never looks at `Date`.
 */
export interface WorldClock {
  now(): number;
  /**
   * Calls `fn` once, `ms` world milliseconds from now. `purpose` names a look that repeats itself: a clock that jumps
   * may leave it out while nothing changed since the last one; any other clock ignores it.
   */
  setTimeout(fn: () => void, ms: number, purpose?: string): WorldTimer;
  clearTimeout(timer: WorldTimer | undefined): void;
}

/** Opaque handle of a pending timer. */
export type WorldTimer = { readonly worldTimer: unknown };
