import { HybridError } from '../../src/errors.ts';
import type { Store } from '../../src/runtime/store.ts';

/** Where the process dies: at the n-th transaction from now, just before its commit or just after. */
export interface CrashPoint {
  readonly after: number;
  readonly when: 'before' | 'after';
}

/** A store whose process dies at a commit point: the file is closed, and the caller never hears what became of it. */
export class CrashingStore {
  #left = Infinity;
  #when: CrashPoint['when'] = 'before';
  hasCrashed = false;

  dieAt({ after, when }: CrashPoint): void {
    this.#left = after;
    this.#when = when;
    this.hasCrashed = false;
  }

  readonly wrap = (store: Store): Store => ({
    ...store,
    transaction: (work) => {
      const isLast = this.#left-- === 1;
      if (isLast && this.#when === 'before') this.#die(store);
      const result = store.transaction(work);
      if (isLast) this.#die(store);
      return result;
    },
  });

  #die(store: Store): never {
    this.hasCrashed = true;
    this.#left = Infinity;
    store.close();
    throw new HybridError({ code: 'STORE_BROKEN', message: 'the process died here' });
  }
}
