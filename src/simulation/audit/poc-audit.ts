import type { PowCall } from '../../adapters/mlnode/interface.ts';
import { type MachineBook, type NetworkNodeBooks, pocsOf, type VastBooks } from '../../figures/books.ts';
import { lostCallbacks } from '../../figures/lost-callbacks.ts';
import type { Violations } from './violation.ts';

/** What a Network Node's books of one PoC are made of. */
export type PocBooks = Pick<NetworkNodeBooks, 'epochs' | 'callbacks'>;

/** PoC work and its callbacks: I8 at every call, I9 and I10 at the end of each PoC. */
export class PocAudit {
  readonly figures = { callbacksLost: 0, callbacksUndeliverable: 0 };
  readonly #violations: Violations;
  /** Work calls that a machine answered with 2xx. */
  #taken = 0;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** A machine acknowledged a work call. */
  machineTook(): void {
    this.#taken += 1;
  }

  get taken(): number {
    return this.#taken;
  }

  /** The gateway answered a call; `takenBefore` is `taken` at its arrival. */
  answered(call: PowCall, status: number, takenBefore: number): void {
    if (call === 'stop' || status < 200 || status > 299 || this.#taken > takenBefore) return;
    this.#violations.report('I8', `pow/${call} was acknowledged with ${status}, and no machine took it`);
  }

  /** Judges one PoC when its windows are closed and its machines have had time to end. */
  close(pocStartHeight: number, machines: readonly MachineBook[], node: PocBooks): void {
    const served = machines.map((machine): MachineBook => {
      const pocs = pocsOf(machine).filter((poc) => poc.blockHeight === pocStartHeight);
      return { instanceId: machine.instanceId, mlnode: { pocs } };
    });
    const { lost, undeliverable } = lostCallbacks(
      { machines: served } as unknown as VastBooks,
      node as NetworkNodeBooks,
    );
    this.figures.callbacksLost += lost;
    this.figures.callbacksUndeliverable += undeliverable;
    if (lost > 0)
      this.#violations.report(
        'I9',
        `${lost} callbacks of the PoC at ${pocStartHeight} were acknowledged and lost`,
      );
    const strays = served.flatMap(pocsOf).flatMap((poc) => poc.postedNonces.filter(isStray));
    if (strays.length > 0)
      this.#violations.report(
        'I10',
        `${strays.length} nonces of the PoC at ${pocStartHeight} are of another class`,
      );
  }
}

/** The town's one node has number 1, so it is told that there are two classes and that the odd one is its own. */
const isStray = (nonce: number): boolean => nonce % 2 !== 1;
