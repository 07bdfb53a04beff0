import type { MlnodeAnswer } from '../../adapters/mlnode/interface.ts';
import type { PowMachine, PowShare, RunningPow } from '../../machines/running-pow.ts';
import { hasClass, noClass } from '../../policy/nonce-partition.ts';
import type { PowReply } from '../../server/mlnode-api/desk.ts';
import { fanOut, isTaken, type Outcome } from './fan-out.ts';
import { ownInitBody } from './own-init-body.ts';
import { logMissed, missed, notRunning, powReply } from './pow-reply.ts';
import type { HeldMachine, PowRoom } from './pow-room.ts';
import { type InitCall, type SharedOut, shareOut } from './pow-sharing.ts';
import { runningPow } from './running-pow.ts';

export type PhaseCall = 'phase/generate' | 'phase/validate' | 'stop';

export interface PowFleetOptions {
  readonly room: PowRoom;
  /** `GPU_FLEET_WIDTH`. */
  readonly width: number;
  /** `GONKA_CALLBACK_URL`. */
  readonly callbackUrl: string | undefined;
  /** An init was taken; `isKept` when the machines go on with what they have loaded. */
  onTaken(pow: RunningPow, isKept: boolean): void;
}

/** The machines behind the one node: each init and each phase goes to all of them, each in its own share. */
export interface PowFleet {
  /** Acknowledged as soon as one machine took it (invariant I8). Throws for a body that is no init. */
  init(call: InitCall, body: string): Promise<PowReply>;
  phase(call: PhaseCall): Promise<PowReply>;
  /** Asks machines again of which nothing is known, and those in that came while validation runs. Never throws. */
  complete(): Promise<void>;
}

const initEvents = {
  init: 'POW.INITIALISED',
  'init/generate': 'POW.GENERATING',
  'init/validate': 'POW.VALIDATING',
} as const satisfies Record<InitCall, string>;
const phaseEvents = {
  'phase/generate': 'POW.PHASE_GENERATE',
  'phase/validate': 'POW.PHASE_VALIDATE',
  stop: 'POW.STOPPED',
} as const satisfies Record<PhaseCall, string>;
/** The init that leads a machine to where the others are: one that has taken it before only changes its phase. */
const initOf = { idle: 'init', generating: 'init/generate', validating: 'init/validate' } as const;

export function createPowFleet(options: PowFleetOptions): PowFleet {
  const { room, width, callbackUrl } = options;
  /** Machines that are being asked. */
  const underWay = new Set<string>();

  /** Each machine is asked in its own share. Resolves with the first answer of one that took it. */
  function ask(
    call: InitCall,
    pow: RunningPow,
    machines: readonly HeldMachine[],
    hear: (outcome: Outcome) => void,
  ): Promise<MlnodeAnswer | undefined> {
    for (const { leaseId } of machines) underWay.add(leaseId);
    return fanOut(
      machines,
      ({ leaseId, callbackPort }) => {
        const share = pow.machines.find((one) => one.leaseId === leaseId) ?? { leaseId, ...noClass };
        const body = ownInitBody(pow, share, callbackPort);
        return room.inTurn(leaseId, (mlnode, signal) => mlnode.pow(call, body, signal));
      },
      (outcome) => {
        underWay.delete(outcome.leaseId);
        hear(outcome);
      },
    );
  }

  /** The first machine took it: the PoC runs, the others may join. */
  function begin(call: InitCall, pow: RunningPow, open: readonly HeldMachine[], first: string): void {
    const { pow: before } = room.context();
    const isKept =
      call !== 'init' &&
      before?.initBody === pow.initBody &&
      open.every(({ leaseId }) => before.machines.some((one) => one.leaseId === leaseId));
    const machines = pow.machines.map((one) =>
      one.leaseId === first ? ({ ...one, standing: 'working' } as const) : one,
    );
    room.send({ type: initEvents[call], pow: { ...pow, machines } });
    options.onTaken(pow, isKept);
    for (const { leaseId, standing } of machines) {
      if (standing !== 'asked' || open.some((machine) => machine.leaseId === leaseId)) continue;
      room.send({ type: 'POW.MACHINE_MISSED', leaseId, standing, why: 'its tunnel is away' });
    }
  }

  /** What a machine made of a call, once the PoC runs on another one. */
  function note(outcome: Outcome, { initBody }: RunningPow): void {
    if (room.context().pow?.initBody !== initBody) return;
    const { leaseId } = outcome;
    if (isTaken(outcome)) room.send({ type: 'POW.MACHINE_TOOK', leaseId });
    else room.send({ type: 'POW.MACHINE_MISSED', leaseId, ...missed(outcome) });
  }

  async function init(call: InitCall, body: string): Promise<PowReply> {
    const draft = runningPow([], body, callbackUrl);
    const held = width === 1 ? onlyOne(room, draft) : room.held(draft.blockHeight);
    const { sharing: before } = room.context();
    const leaseIds = held.map(({ leaseId }) => leaseId);
    const out = shareOut({ call, initBody: body, whole: draft, held: leaseIds, width, before });
    const isTaking = ({ leaseId, isOpen }: HeldMachine): boolean =>
      isOpen && out.taking.some((share) => share.leaseId === leaseId);
    const open = held.filter(isTaking);
    if (open.length === 0) {
      room.log.warn({ call }, 'pow.no_machine');
      return powReply(undefined);
    }
    // Durable before anybody is asked: after a crash each machine is asked for the same share again.
    if (width > 1 && before?.shares !== out.sharing.shares)
      room.send({ type: 'POW.SHARED', sharing: out.sharing });
    const pow = { ...draft, machines: machinesOf(out) };
    const early: Outcome[] = [];
    let isRunning = false;
    const taken = await ask(call, pow, open, (outcome) => {
      logMissed(room.log, call, outcome);
      if (isRunning) note(outcome, pow);
      else if (isTaken(outcome)) {
        isRunning = true;
        begin(call, pow, open, outcome.leaseId);
        for (const missing of early) note(missing, pow);
      } else early.push(outcome);
    });
    return powReply(taken);
  }

  async function phase(call: PhaseCall): Promise<PowReply> {
    const { pow } = room.context();
    if (pow === null) return notRunning(call);
    const called = pow.machines.filter((machine) => isCalled(call, machine));
    const early: Outcome[] = [];
    let isRunning = false;
    const taken = await fanOut(
      called,
      ({ leaseId }) => room.inTurn(leaseId, (mlnode, signal) => mlnode.pow(call, undefined, signal)),
      (outcome) => {
        logMissed(room.log, call, outcome);
        if (!isTaken(outcome)) {
          if (isRunning) note(outcome, pow);
          else early.push(outcome);
        } else if (!isRunning) {
          isRunning = true;
          room.send({ type: phaseEvents[call] });
          for (const missing of early) note(missing, pow);
        }
      },
    );
    return powReply(taken);
  }

  async function complete(): Promise<void> {
    const { pow } = room.context();
    const state = room.state();
    if (pow === null || state === undefined || width === 1) return;
    const call = initOf[state];
    const held = room.held(pow.blockHeight);
    if (state === 'validating') join(room, pow, latecomers(pow, held, width));
    const joined = room.context().pow ?? pow;
    const again = held.filter(
      ({ leaseId, isOpen }) =>
        isOpen &&
        !underWay.has(leaseId) &&
        joined.machines.some((one) => one.leaseId === leaseId && one.standing === 'asked'),
    );
    await ask(call, joined, again, (outcome) => {
      // Silence is nothing new: it is asked again.
      if ('answer' in outcome) note(outcome, pow);
      else room.log.debug({ leaseId: outcome.leaseId, fault: outcome.fault }, 'pow.machine_unreachable');
    });
  }

  return { init, phase, complete };
}

/** A node of one machine: the one that runs this PoC, else the first. */
function onlyOne(room: PowRoom, { blockHash, blockHeight }: RunningPow): readonly HeldMachine[] {
  const open = room.held(blockHeight).filter(({ isOpen }) => isOpen);
  const { pow } = room.context();
  const runs = pow?.blockHash === blockHash ? pow.machines : [];
  const ours = open.find(({ leaseId }) => runs.some((one) => one.leaseId === leaseId));
  return ours === undefined ? open.slice(0, 1) : [ours];
}

/** Who takes part, and who had a share and is gone; machines that only wait are none of them. */
function machinesOf({ sharing, taking }: SharedOut): readonly PowMachine[] {
  return sharing.shares.flatMap((share): readonly PowMachine[] => {
    if (taking.includes(share)) return [{ ...share, standing: 'asked' }];
    return hasClass(share) ? [{ ...share, standing: 'lost' }] : [];
  });
}

function isCalled(call: PhaseCall, machine: PowMachine): boolean {
  if (call === 'stop') return machine.standing !== 'lost';
  if (machine.standing !== 'working') return false;
  return call === 'phase/validate' || hasClass(machine);
}

/** Machines that became ready while the others validate, as many as the fleet lacks. */
function latecomers(pow: RunningPow, held: readonly HeldMachine[], width: number): readonly PowShare[] {
  const living = pow.machines.filter(({ leaseId }) => held.some((machine) => machine.leaseId === leaseId));
  return held
    .filter(({ leaseId, isOpen }) => isOpen && !pow.machines.some((one) => one.leaseId === leaseId))
    .slice(0, Math.max(0, width - living.length))
    .map(({ leaseId }) => ({ leaseId, ...noClass }));
}

function join(room: PowRoom, { initBody }: RunningPow, late: readonly PowShare[]): void {
  if (late.length === 0) return;
  const { sharing } = room.context();
  const before = sharing?.initBody === initBody ? sharing.shares : [];
  room.send({ type: 'POW.SHARED', sharing: { initBody, shares: [...before, ...late] } });
  for (const share of late)
    room.send({ type: 'POW.MACHINE_JOINED', machine: { ...share, standing: 'asked' } });
}
