import type { Clock } from '../runtime/clock.ts';
import { unixMs } from '../units.ts';

/** The end of one daemon's life, as everything that it holds sees it: from then on nothing reaches it any more. */
export class Fence {
  #isDown = false;
  /** Calls from outside that are to be broken off at the end of the life. */
  readonly #calls = new Set<(reason: Error) => void>();

  get isDown(): boolean {
    return this.#isDown;
  }

  drop(): void {
    this.#isDown = true;
    for (const breakOff of this.#calls) breakOff(new Error('the daemon died'));
    this.#calls.clear();
  }

  /** The clock of this life, so far from true time: after its end no timer rings, and no sleep ends. */
  clock(clock: Clock, wrongByMs = 0): Clock {
    // Whole milliseconds, as the daemon's own clock has them.
    const now = (): number => Math.floor(clock.now() + wrongByMs);
    // Until this clock shows it, and no sooner: who looked too early would wait once more, and a look armed anew for
    // the rest of a millisecond is none that anybody would have to play.
    const waitMs = (ms: number): number => Math.max(0, Math.ceil(now() + ms) - clock.now() - wrongByMs);
    return {
      now: () => unixMs(now()),
      setTimeout: (fn, ms, purpose) => {
        if (this.#isDown) return undefined;
        return clock.setTimeout(() => this.#isDown || fn(), waitMs(ms), purpose);
      },
      clearTimeout: (handle) => clock.clearTimeout(handle),
      sleep: (ms, signal, purpose) =>
        this.#isDown ? forever() : this.#unlessDown(clock.sleep(waitMs(ms), signal, purpose)),
    };
  }

  /** An object of the outside: after the end of the life its calls neither leave nor come back. */
  around<Target extends object>(target: Target): Target {
    const fenced = new Map<string | symbol, unknown>();
    return new Proxy(target, {
      apply: (object, receiver, args: unknown[]) => {
        if (this.#isDown) return forever();
        const result: unknown = Reflect.apply(object as () => unknown, receiver, args);
        return result instanceof Promise ? this.#unlessDown(result) : result;
      },
      get: (object, name) => {
        const known = fenced.get(name);
        if (known !== undefined) return known;
        const member: unknown = Reflect.get(object, name, object);
        if (typeof member !== 'function') return member;
        const call = (...args: unknown[]): unknown => {
          if (this.#isDown) return forever();
          const result: unknown = Reflect.apply(member, object, args);
          return result instanceof Promise ? this.#unlessDown(result) : result;
        };
        fenced.set(name, call);
        return call;
      },
    });
  }

  /** What somebody outside asks of this life: broken off at its end, refused after it. */
  orBroken<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isDown) return Promise.reject(new Error('the daemon is dead'));
    return new Promise((resolve, reject) => {
      this.#calls.add(reject);
      work()
        .then(resolve, reject)
        .finally(() => this.#calls.delete(reject));
    });
  }

  #unlessDown<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      work.then(
        (result) => this.#isDown || resolve(result),
        (error: unknown) => this.#isDown || reject(error as Error),
      );
    });
  }
}

const forever = (): Promise<never> => new Promise(() => undefined);
