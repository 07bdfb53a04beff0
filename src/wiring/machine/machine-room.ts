import type { Mlnode } from '../../adapters/mlnode/interface.ts';
import { connectFirst } from '../../adapters/ssh/first-open.ts';
import type { Dialer, ExecResult, ReverseReceiver, SshSession } from '../../adapters/ssh/interface.ts';
import type { Transport } from '../../adapters/transport.ts';
import { type Fault, HybridError, toFault } from '../../errors.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { TunnelContext, TunnelInput } from '../../machines/tunnel.ts';
import type { Effects, Runtime } from '../../runtime/interface.ts';
import { MachineAnswers } from '../poc/machine-answers.ts';
import { leaseRow, tunnelRow } from '../row-names.ts';
import type { Neighbours } from '../neighbours.ts';

/** Of one connection attempt, real milliseconds. */
const connectTimeoutMs = 15_000;

export interface MachineRoomOptions {
  readonly neighbours: Pick<Neighbours, 'ssh' | 'mlnode'>;
  readonly mlnodePort: number;
  /** What a lease's machine may post, and where it goes. */
  receiver(leaseId: string): ReverseReceiver;
  /** Context of a lease, to reopen its tunnel after a restart. */
  lease(leaseId: string): LeaseContext | undefined;
}

/** The machines that we hold: their tunnels (rows of a runtime in memory) and the live sessions behind them. */
export interface MachineRoom {
  readonly tunnelEffects: Effects;
  /** Called once, with the runtime that runs the tunnel charts. */
  attach(runtime: Runtime): void;
  /** Opens the tunnel unless it is there; resolves with the host key when it is open, rejects when it is beyond hope. */
  opened(input: TunnelInput, signal: AbortSignal): Promise<{ hostKey: string }>;
  /** The same from the lease's own row (after a restart). */
  reopened(leaseId: string, signal: AbortSignal): Promise<void>;
  /** The ML node behind an open tunnel; throws SSH_LOST while it is not open. */
  mlnode(leaseId: string): Mlnode;
  /** Connections to a port of the machine's own loopback, for streams; refused while the tunnel is not open. */
  dialer(leaseId: string, port: number): Dialer;
  /** HTTP to a port of the machine's own loopback; throws SSH_LOST while the tunnel is not open. */
  transport(leaseId: string, port: number): Transport;
  exec(leaseId: string, command: string, timeoutMs: number, signal: AbortSignal): Promise<ExecResult>;
  isOpen(leaseId: string): boolean;
  /** Inference that machines are answering. */
  readonly answers: MachineAnswers;
  /** The fault of a tunnel that will not come back. */
  brokenFault(leaseId: string): Fault | undefined;
  close(leaseId: string): void;
}

export function createMachineRoom(options: MachineRoomOptions): MachineRoom {
  const sessions = new Map<string, SshSession>();
  const mlnodes = new WeakMap<SshSession, Mlnode>();
  let runtime: Runtime | undefined;
  const tunnels = (): Runtime => {
    if (runtime === undefined)
      throw new HybridError({ code: 'ABORTED', message: 'the machine room is not attached' });
    return runtime;
  };
  const session = (leaseId: string): SshSession => {
    const open = sessions.get(leaseId);
    if (open === undefined)
      throw new HybridError({ code: 'SSH_LOST', message: `no tunnel to lease ${leaseId}` });
    return open;
  };
  const state = (leaseId: string): { value: unknown; context: TunnelContext } | undefined => {
    const row = runtime?.row(tunnelRow(leaseId));
    return row === undefined ? undefined : { value: row.value, context: row.context as TunnelContext };
  };

  const room: MachineRoom = {
    tunnelEffects: {
      openSession: async ({ input, signal }) => {
        const { leaseId, endpoints, hostKey, callbackPort } = input as TunnelInput;
        const opened = await connectFirst(options.neighbours.ssh, endpoints, {
          timeoutMs: connectTimeoutMs,
          signal,
          ...(hostKey === null ? {} : { pinnedHostKey: hostKey }),
        });
        try {
          await opened.reverse(callbackPort, options.receiver(leaseId), signal);
        } catch (error) {
          opened.close();
          throw error;
        }
        sessions.set(leaseId, opened);
        return { hostKey: opened.hostKey };
      },
      holdSession: async ({ input, signal }) => {
        const { leaseId } = input as { leaseId: string };
        const open = session(leaseId);
        const close = (): void => open.close();
        signal.addEventListener('abort', close, { once: true });
        try {
          const reason = await open.closed;
          throw new HybridError({
            code: 'SSH_LOST',
            message: `tunnel to lease ${leaseId}: ${reason?.message ?? 'closed by the machine'}`,
          });
        } finally {
          signal.removeEventListener('abort', close);
          if (sessions.get(leaseId) === open) sessions.delete(leaseId);
        }
      },
    },
    attach: (tunnelRuntime) => {
      runtime = tunnelRuntime;
    },
    opened: async (input, signal) => {
      tunnels().open('tunnel', tunnelRow(input.leaseId), input);
      return settled(tunnels(), input.leaseId, signal);
    },
    reopened: async (leaseId, signal) => {
      const lease = options.lease(leaseId);
      if (lease === undefined) throw new HybridError({ code: 'SSH_LOST', message: `no lease ${leaseId}` });
      await room.opened(
        {
          leaseId,
          endpoints: lease.endpoints,
          hostKey: lease.hostKey,
          callbackPort: lease.callbackPort,
          authGraceMs: lease.limits.authGraceMs,
        },
        signal,
      );
    },
    mlnode: (leaseId) => {
      const open = session(leaseId);
      const known = mlnodes.get(open);
      if (known !== undefined) return known;
      const mlnode = options.neighbours.mlnode(open.transport(options.mlnodePort));
      mlnodes.set(open, mlnode);
      return mlnode;
    },
    dialer: (leaseId, port) => (options, callback) => {
      const dial = sessions.get(leaseId)?.dialer?.(port);
      if (dial !== undefined) return dial(options, callback);
      const message = `no tunnel to lease ${leaseId}`;
      return callback(Object.assign(new Error(message), { code: 'ECONNREFUSED' }), null);
    },
    transport: (leaseId, port) => session(leaseId).transport(port),
    exec: (leaseId, command, timeoutMs, signal) => session(leaseId).exec(command, { timeoutMs, signal }),
    answers: new MachineAnswers(),
    isOpen: (leaseId) => state(leaseId)?.value === 'open' && sessions.has(leaseId),
    brokenFault: (leaseId) => {
      const tunnel = state(leaseId);
      return tunnel?.value === 'broken' ? (tunnel.context.fault ?? undefined) : undefined;
    },
    close: (leaseId) => {
      runtime?.send(tunnelRow(leaseId), { type: 'TUNNEL.CLOSE_ASKED' });
      sessions.get(leaseId)?.close();
      sessions.delete(leaseId);
    },
  };
  return room;
}

/** Waits for a tunnel row to be open or beyond hope, by its steps. */
function settled(runtime: Runtime, leaseId: string, signal: AbortSignal): Promise<{ hostKey: string }> {
  const id = tunnelRow(leaseId);
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const row = runtime.row(id);
      const context = row?.context as TunnelContext | undefined;
      if (row?.value === 'open' && context?.hostKey)
        finish(() => resolve({ hostKey: context.hostKey as string }));
      else if (row?.value === 'broken' || row?.value === 'closed') {
        const fault =
          context?.fault ?? toFault(new HybridError({ code: 'SSH_LOST', message: 'tunnel closed' }));
        finish(() =>
          reject(new HybridError({ code: fault.code, message: fault.message }, { class: fault.class })),
        );
      }
    };
    const abandon = (): void =>
      finish(() =>
        reject(
          new HybridError({ code: 'ABORTED', message: `waiting for the tunnel to ${leaseRow(leaseId)}` }),
        ),
      );
    const unsubscribe = runtime.onStep((entry) => {
      if (entry.rowId === id) look();
    });
    const finish = (act: () => void): void => {
      unsubscribe();
      signal.removeEventListener('abort', abandon);
      act();
    };
    signal.addEventListener('abort', abandon, { once: true });
    if (signal.aborted) abandon();
    else look();
  });
}
