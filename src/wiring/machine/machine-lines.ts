import { HybridError } from '../../errors.ts';

/** Calls that may wait for one machine. */
const waitingMax = 64;

/**
 * Calls to one machine keep the Network Node's order: a stop that is still on its way comes before the next init.
 * Machines do not wait for each other.
 */
export class MachineLines {
  readonly #lines = new Map<string, { last: Promise<unknown>; waiting: number }>();

  /** Rejects with MLNODE_UNREACHABLE when too many calls wait already. */
  inOrder<Result>(leaseId: string, call: () => Promise<Result>): Promise<Result> {
    const line = this.#lines.get(leaseId) ?? { last: Promise.resolve(), waiting: 0 };
    this.#lines.set(leaseId, line);
    if (line.waiting >= waitingMax) {
      const message = `${waitingMax} calls wait for the machine of lease ${leaseId}`;
      return Promise.reject(new HybridError({ code: 'MLNODE_UNREACHABLE', message }));
    }
    line.waiting += 1;
    const mine = line.last.then(call, call);
    const over = (): void => {
      line.waiting -= 1;
      if (line.waiting === 0) this.#lines.delete(leaseId);
    };
    line.last = mine.then(over, over);
    return mine;
  }
}
