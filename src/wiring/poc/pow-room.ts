import type { Mlnode, MlnodeAnswer } from '../../adapters/mlnode/interface.ts';
import { toFault } from '../../errors.ts';
import { limitedCall } from '../../limited-call.ts';
import type { PowMachine } from '../../machines/running-pow.ts';
import type { ServiceContext, ServiceEvent } from '../../machines/service.ts';
import type { Runtime } from '../../runtime/interface.ts';
import type { Log } from '../log.ts';
import { heldMachines, ownMachinesFirst } from '../renting/held-machines.ts';
import { MachineLines } from '../machine/machine-lines.ts';
import type { MachineRoom } from '../machine/machine-room.ts';
import { serviceRow } from '../row-names.ts';

/** Of one relayed call, real milliseconds; the Network Node itself would wait for fifteen minutes. */
const callTimeoutMs = 60_000;

/** A machine that is held, whether its tunnel is open at this moment or not. */
export interface HeldMachine {
  readonly leaseId: string;
  readonly callbackPort: number;
  readonly isOpen: boolean;
}

/** What everything that works for a PoC shares: the service row, the machines, and the way to them. */
export interface PowRoom {
  readonly log: Log;
  context(): ServiceContext;
  state(): 'idle' | 'generating' | 'validating' | undefined;
  send(event: ServiceEvent): void;
  /**
   * Those with an open tunnel first, of them those of the PoC that starts at that height, of them the one that has been
   * ready longest.
   */
  held(pocStartHeight: number): readonly HeldMachine[];
  isOpen(leaseId: string): boolean;
  /** The daemon stops: nothing new is begun. */
  isClosing(): boolean;
  /** A call in that machine's own turn, within its limit. */
  inTurn(
    leaseId: string,
    call: (mlnode: Mlnode, signal: AbortSignal) => Promise<MlnodeAnswer>,
  ): Promise<MlnodeAnswer>;
  /** A call that waits for no other. */
  atOnce<Answer>(
    leaseId: string,
    call: (mlnode: Mlnode, signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer>;
  /** As `inTurn`, for an end that nobody waits for. */
  end(leaseId: string): void;
}

export function createPowRoom(options: {
  readonly rows: Runtime;
  readonly room: MachineRoom;
  readonly log: Log;
  readonly closing: AbortSignal;
}): PowRoom {
  const { rows, room, log, closing } = options;
  const lines = new MachineLines();
  const within = <Answer>(call: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> =>
    limitedCall(closing, callTimeoutMs, call);
  return {
    log,
    context: () => rows.row(serviceRow)?.context as ServiceContext,
    state: () => powState(rows.row(serviceRow)?.value),
    send: (event) => void rows.send(serviceRow, { ...event }),
    held: (pocStartHeight) => held(rows, room, pocStartHeight),
    isClosing: () => closing.aborted,
    isOpen: (leaseId) => room.isOpen(leaseId),
    inTurn: (leaseId, call) =>
      lines.inOrder(leaseId, async () => within((signal) => call(room.mlnode(leaseId), signal))),
    atOnce: async (leaseId, call) => within((signal) => call(room.mlnode(leaseId), signal)),
    end: (leaseId) => {
      // The real node takes up to half a minute for this; the Network Node only needs to know that it happens.
      lines
        .inOrder(leaseId, async () => within((signal) => room.mlnode(leaseId).stop(signal)))
        .catch((error: unknown) => log.warn({ leaseId, fault: toFault(error) }, 'pow.stop_failed'));
    },
  };
}

/** Those that do the work of the running PoC at this moment. */
export const workers = ({ pow }: ServiceContext): readonly PowMachine[] =>
  pow?.machines.filter(({ standing }) => standing === 'working') ?? [];

function held(rows: Runtime, room: MachineRoom, pocStartHeight: number): readonly HeldMachine[] {
  const all = heldMachines(rows, { isOpen: () => true });
  return ownMachinesFirst(rows, all, pocStartHeight)
    .map(({ leaseId, callbackPort }) => ({ leaseId, callbackPort, isOpen: room.isOpen(leaseId) }))
    .toSorted((a, b) => Number(b.isOpen) - Number(a.isOpen));
}

function powState(value: unknown): 'idle' | 'generating' | 'validating' | undefined {
  if (typeof value !== 'object' || value === null || !('pow' in value)) return undefined;
  return (value as { pow: 'idle' | 'generating' | 'validating' }).pow;
}
