import type { WorldClock, WorldTimer } from '../world/clock.ts';

/** setTimeout of Node fires at once beyond this. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * The world's clock in a process of its own: `speed` world milliseconds pass in one real one. All processes of one
 * sandbox are given the same `originMs`, so they agree about the time without talking to each other.
 */
export class ScaledClock implements WorldClock {
  readonly originMs: number;
  readonly speed: number;
  constructor(options: { originMs: number; speed: number }) {
    if (!(options.speed > 0)) throw new RangeError(`speed ${options.speed} is not positive`);
    this.originMs = options.originMs;
    this.speed = options.speed;
  }
  now = (): number => this.originMs + (Date.now() - this.originMs) * this.speed;
  setTimeout = (fn: () => void, ms: number): WorldTimer => {
    const realMs = Math.min(longestTimerMs, Math.max(0, ms / this.speed));
    return { worldTimer: setTimeout(fn, realMs) };
  };
  clearTimeout = (timer: WorldTimer | undefined): void => {
    clearTimeout(timer?.worldTimer as NodeJS.Timeout | undefined);
  };
}
