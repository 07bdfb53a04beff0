import type { PocV2Call, PowCall } from '../../adapters/mlnode/interface.ts';
import { type MachineBook, type NetworkNodeBooks, pocsOf, type VastBooks } from '../../figures/books.ts';
import { lostCallbacks } from '../../figures/lost-callbacks.ts';
import type { Violations } from './violation.ts';

/** What a Network Node's books of one PoC are made of. */
export type PocBooks = Pick<NetworkNodeBooks, 'epochs' | 'callbacks'>;

/** PoC work and its callbacks: I8 at every call, I9 and I10 at the end of each PoC. */
export class PocAudit {
  readonly figures = { callbacksLost: 0, callbacksUndeliverable: 0 };
  /** Machines that sent nonces, by `poc_start`. */
  readonly serving = new Map<number, number>();
  readonly #violations: Violations;
  /** `GPU_FLEET_WIDTH`. */
  readonly fleetWidth: number;
  /** Work calls that a machine answered with 2xx. */
  #taken = 0;

  constructor(violations: Violations, fleetWidth: number) {
    this.#violations = violations;
    this.fleetWidth = fleetWidth;
  }

  /** A machine acknowledged a work call. */
  machineTook(): void {
    this.#taken += 1;
  }

  get taken(): number {
    return this.#taken;
  }

  /** The gateway answered a call; `takenBefore` is `taken` at its arrival. */
  answered(call: PowCall | PocV2Call, status: number, takenBefore: number): void {
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
    this.#judgeShares(pocStartHeight, served);
  }

  /** I10. A node of one machine is told its class again when another machine takes over: that is no share of a fleet. */
  #judgeShares(pocStartHeight: number, served: readonly MachineBook[]): void {
    const posted = served.map((machine) => new Set(pocsOf(machine).flatMap((poc) => poc.postedNonces)));
    this.serving.set(pocStartHeight, posted.filter(({ size }) => size > 0).length);
    const total = posted.reduce((sum, { size }) => sum + size, 0);
    const distinct = new Set(posted.flatMap((nonces) => [...nonces])).size;
    if (this.fleetWidth > 1 && distinct < total)
      this.#violations.report(
        'I10',
        `${total - distinct} nonces of the PoC at ${pocStartHeight} came from several machines`,
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
