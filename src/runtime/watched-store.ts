import { toFault } from '../errors.ts';
import type { RuntimeReport } from './interface.ts';
import { isStoreFailure } from './job-queue.ts';
import type { Store } from './store.ts';

/** SQLite's code for a store that another connection holds: it says nothing about the disk. */
const busy = 5;

/** The same store; when its commits begin to fail, and when they succeed again, is reported once. */
export function watchedStore(store: Store, report: RuntimeReport): Store {
  let isFailing = false;
  return {
    ...store,
    transaction: (work) => {
      try {
        const result = store.transaction(work);
        if (isFailing) report.storeFailing?.(null);
        isFailing = false;
        return result;
      } catch (error) {
        if (isStoreFailure(error) && error.facts['sqliteCode'] !== busy && !isFailing) {
          isFailing = true;
          report.storeFailing?.(toFault(error));
        }
        throw error;
      }
    },
  };
}
