import type { SqliteStore } from '../runtime/sqlite-store.ts';
import type { Random } from '../world/random.ts';

export interface CrashDiceOptions {
  readonly random: Random;
  /** Probability that the daemon dies at one durable step. */
  readonly rate: number;
  /** Kills the daemon, there and then. */
  kill(): void;
}

const dayMs = 86_400_000;
/** Nothing gets old enough within a day that a second look would forget more. */
const prunedOn = new WeakMap<SqliteStore, number>();

/** Where a daemon may die: at every commit, just before or just after it, and between an answer and its note. */
export class CrashDice {
  readonly #options: CrashDiceOptions;
  #isDead = false;

  constructor(options: CrashDiceOptions) {
    this.#options = options;
  }

  /**
   * The store as this life sees it. What a dead one does is rolled back, and it is not told: a process that is gone
   * hears no error either.
   */
  store(store: SqliteStore): SqliteStore {
    return {
      ...store,
      prune: (now, retention) => {
        const day = Math.floor(now / dayMs);
        if (day === prunedOn.get(store)) return 0;
        prunedOn.set(store, day);
        return store.prune(now, retention);
      },
      transaction: (work) => {
        if (this.#isDead) return rolledBack(store, work);
        if (!this.#strikes()) return store.transaction(work);
        const result = this.#options.random.chance(0.5) ? store.transaction(work) : rolledBack(store, work);
        this.#die();
        return result;
      },
    };
  }

  /** Work whose effect is outside when it ends: the daemon may die before it can note that. */
  async noted<Result>(work: Promise<Result>): Promise<Result> {
    const result = await work;
    if (!this.#isDead && this.#strikes()) this.#die();
    return this.#isDead ? new Promise(() => undefined) : result;
  }

  /** From now on nothing of this life is written. */
  seal(): void {
    this.#isDead = true;
  }

  #strikes(): boolean {
    return this.#options.rate > 0 && this.#options.random.chance(this.#options.rate);
  }

  #die(): void {
    this.seal();
    this.#options.kill();
  }
}

function rolledBack<Result>(store: SqliteStore, work: () => Result): Result {
  const undo = new Error('rolled back');
  let result: { value: Result } | undefined;
  try {
    store.transaction(() => {
      result = { value: work() };
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  if (result === undefined) throw undo;
  return result.value;
}
