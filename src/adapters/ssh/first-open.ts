import { HybridError, type ErrorCode } from '../../errors.ts';
import type { Endpoint } from '../vast/interface.ts';
import type { Ssh, SshSession } from './interface.ts';

export interface FirstOpenOptions {
  /** `SHA256:…` of this lease's machine; absent before its first connection. */
  readonly pinnedHostKey?: string;
  /** Limit of the attempt at one endpoint, real milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Number of rounds before this one: each round begins with the next endpoint. Default 0. */
  readonly round?: number;
}

/**
 * Tries every endpoint of a machine once until one opens. Either path is known to fail while the other works
 * (docs/reference/vast.md "SSH and networking"), so rounds begin with each in turn; waiting between rounds is the
 * caller's. Throws SSH_HOST_KEY_CHANGED and ABORTED at once, else what tells most: SSH_AUTH_REFUSED (the machine is
 * up, the key not yet in place) over SSH_UNREACHABLE.
 */
export async function connectFirst(
  ssh: Ssh,
  endpoints: readonly Endpoint[],
  options: FirstOpenOptions,
): Promise<SshSession> {
  let telling: HybridError = new HybridError({
    code: 'SSH_UNREACHABLE',
    message: 'the machine has no SSH endpoint yet',
  });
  const first = (options.round ?? 0) % Math.max(1, endpoints.length);
  for (const endpoint of [...endpoints.slice(first), ...endpoints.slice(0, first)]) {
    try {
      return await ssh.connect(target(endpoint, options.pinnedHostKey), {
        timeoutMs: options.timeoutMs,
        signal: options.signal,
      });
    } catch (error) {
      if (!(error instanceof HybridError) || !passable.has(error.code)) throw error;
      if (telling.code !== 'SSH_AUTH_REFUSED') telling = error;
    }
  }
  throw telling;
}

/** What leaves hope in the other path. */
const passable: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['SSH_UNREACHABLE', 'SSH_AUTH_REFUSED']);

function target(endpoint: Endpoint, pinnedHostKey: string | undefined): Parameters<Ssh['connect']>[0] {
  return pinnedHostKey === undefined ? { endpoint } : { endpoint, pinnedHostKey };
}
