import { HybridError, type ErrorCode } from '../../errors.ts';
import type { WorldClock } from '../../world/clock.ts';
import type { MachineConnection } from '../../world/machine/machine-connection.ts';
import type { WorldMachine } from '../../world/machine/machine.ts';
import type { Endpoint } from '../vast/interface.ts';
import type { Ssh } from './interface.ts';
import { SimulatedSession } from './simulated-session.ts';
import { within } from './simulated-limit.ts';

export interface SimulatedSshOptions {
  /** The machine behind an endpoint; undefined = nobody listens there. */
  readonly machineAt: (endpoint: Endpoint) => WorldMachine | undefined;
  /** One `authorized_keys` line. */
  readonly publicKey: string;
  /** After how long an unanswering peer is lost, milliseconds of the world's clock. Default 40 000, as ssh2's settings. */
  readonly keepaliveLimitMs?: number;
}

/** SSH to machines of the world in this process. Limits run on the machine's clock, so a virtual one never waits. */
export function createSimulatedSsh(options: SimulatedSshOptions): Ssh {
  return {
    publicKey: () => options.publicKey,
    connect: async ({ endpoint, pinnedHostKey }, limits) => {
      const what = `SSH to ${endpoint.host}:${endpoint.port} (${endpoint.via})`;
      const fail = (code: ErrorCode, message: string): HybridError =>
        new HybridError({ code, message: `${what}: ${message}` });
      if (limits.signal.aborted) throw fail('ABORTED', 'abandoned');
      const machine = options.machineAt(endpoint);
      if (!machine) throw fail('SSH_UNREACHABLE', 'connection refused');
      const isPinned = (hostKey: string): boolean => pinnedHostKey === undefined || hostKey === pinnedHostKey;
      const attempt = machine.connect(endpoint.via, 'root', options.publicKey, isPinned);
      const bounds = { ...limits, clock: machine.clock, what, timeoutCode: 'SSH_UNREACHABLE' } as const;
      const connection = await within(bounds, attempt);
      if (connection === 'closed')
        throw fail('SSH_UNREACHABLE', 'the connection was closed before a greeting');
      if (connection === 'refused') throw fail('SSH_AUTH_REFUSED', 'the key is refused');
      if (connection === 'hostKeyRefused')
        throw fail('SSH_HOST_KEY_CHANGED', 'the host key is not the pinned one');
      watchForLoss(connection, machine, options.keepaliveLimitMs ?? 40_000);
      return new SimulatedSession(connection, endpoint, machine.clock);
    },
  };
}

/** The client's keepalive: a machine that stays frozen for so long is given up, and never hears of it. */
function watchForLoss(connection: MachineConnection, machine: WorldMachine, limitMs: number): void {
  const { clock, faults } = machine;
  let timer: ReturnType<WorldClock['setTimeout']> | undefined;
  const unwatch = faults.onChange((name, value) => {
    if (name !== 'frozen') return;
    clock.clearTimeout(timer);
    if (value === 0) return;
    timer = clock.setTimeout(() => connection.lose(new Error('Keepalive timeout')), limitMs);
  });
  void connection.closed.finally(() => {
    clock.clearTimeout(timer);
    unwatch();
  });
}
