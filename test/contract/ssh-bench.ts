import { afterAll, afterEach, beforeAll } from 'vitest';
import { createSsh, type Ssh, type SshSession } from '../../src/adapters/ssh/index.ts';
import { makeSshKeys, type SshKeys } from '../support/ssh-keys.ts';
import type { SshMachine } from '../support/ssh-machine.ts';

export type SetUp = (authorizedKeys: readonly string[]) => Promise<SshMachine>;

/** What every case of the SSH contract stands on: one machine for the suite, sessions that end with their test. */
export class SshBench {
  readonly #sessions: SshSession[] = [];
  #keys: SshKeys | undefined;
  #machine: SshMachine | undefined;

  /** Call inside `describe`. */
  constructor(setUp: SetUp) {
    beforeAll(async () => {
      this.#keys = makeSshKeys();
      this.#machine = await setUp(this.#keys.authorized);
    });
    afterEach(async () => {
      for (const session of this.#sessions) session.close();
      await Promise.all(this.#sessions.splice(0).map((session) => session.closed));
    });
    afterAll(async () => {
      await this.#machine?.close();
      this.#keys?.remove();
    });
  }

  get keys(): SshKeys {
    if (this.#keys === undefined) throw new Error('not set up');
    return this.#keys;
  }
  get machine(): SshMachine {
    if (this.#machine === undefined) throw new Error('not set up');
    return this.#machine;
  }

  /** Keepalive short enough for a test: a frozen peer is noticed after 0.8 s. */
  ssh(key: 'ed25519' | 'rsa' | 'stranger' = 'ed25519'): Ssh {
    const { username } = this.machine;
    return createSsh({ keyPath: this.keys[key], username, keepaliveMs: 200, keepaliveCountMax: 3 });
  }

  /** Logs in, at the machine itself or at whatever stands before it. */
  async session(port = this.machine.port, pinnedHostKey?: string): Promise<SshSession> {
    const target = { endpoint: { via: 'direct', host: '127.0.0.1', port } } as const;
    const session = await this.ssh().connect(
      pinnedHostKey === undefined ? target : { ...target, pinnedHostKey },
      limits(),
    );
    this.#sessions.push(session);
    return session;
  }
}

export function limits(timeoutMs = 5_000): { timeoutMs: number; signal: AbortSignal } {
  return { timeoutMs, signal: new AbortController().signal };
}
