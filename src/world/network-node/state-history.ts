import type { NodeTarget } from './node-record.ts';

export interface StateChange {
  readonly atMs: number;
  readonly height: number;
  readonly nodeId: string;
  readonly from: NodeTarget;
  readonly to: NodeTarget;
  /** Why it is FAILED, else empty. */
  readonly reason: string;
}

/** Changes kept; the oldest go first. */
const entryLimit = 10_000;

/** Every change of a node's actual status, and how often one became FAILED. */
export class StateHistory {
  readonly #changes: StateChange[] = [];
  #failures = 0;

  add(change: StateChange): void {
    this.#changes.push(change);
    if (this.#changes.length > entryLimit) this.#changes.shift();
    if (change.to.status === 'FAILED') this.#failures += 1;
  }

  books(): Record<string, unknown> {
    return { statusFailures: this.#failures, stateHistory: this.#changes };
  }
}
