import type { Fault } from '../../errors.ts';
import { openConnection } from './connection.ts';
import type { Ssh } from './interface.ts';
import { loadSshKey, type SshKey, type SshKeySource } from './key.ts';
import { Ssh2Session } from './session.ts';

export interface SshOptions extends SshKeySource {
  /** Rented containers log in as root (docs/reference/vast.md "SSH and networking"). Default `root`. */
  readonly username?: string;
  /** Real milliseconds between keepalives. Default 10 000. */
  readonly keepaliveMs?: number;
  /** Keepalives left unanswered before the connection counts as lost. Default 3. */
  readonly keepaliveCountMax?: number;
  /** Hears of a reverse receiver that threw; log its code only. Default: nobody. */
  readonly onReceiverFault?: (fault: Fault) => void;
}

/** SSH by ssh2. The key file is read on first use, so that a daemon which never rents needs none. */
export function createSsh(options: SshOptions): Ssh {
  let loaded: SshKey | undefined;
  const key = (): SshKey => (loaded ??= loadSshKey(options));
  const onReceiverFault = options.onReceiverFault ?? (() => undefined);
  return {
    publicKey: () => key().publicLine,
    connect: async (target, limits) => {
      const settings = {
        username: options.username ?? 'root',
        key: key(),
        keepaliveMs: options.keepaliveMs ?? 10_000,
        keepaliveCountMax: options.keepaliveCountMax ?? 3,
      };
      const connection = await openConnection(target, settings, limits);
      return new Ssh2Session(connection, target.endpoint, onReceiverFault);
    },
  };
}
