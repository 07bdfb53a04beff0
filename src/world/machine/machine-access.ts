import type { WorldClock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { MachineFaultBoard } from './machine-faults.ts';

export type SshPath = 'direct' | 'proxy';

export interface MachineAccessOptions {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly faults: MachineFaultBoard;
  readonly authorizedKeys: readonly string[];
  /**
   * World milliseconds from the container's start to the first answered connection, and from there to the first
   * accepted key. Defaults: drawn by docs/reference/vast.md "Simulator parameters".
   */
  readonly sshOpenMs?: number | undefined;
  readonly authLateMs?: number | undefined;
}

/** Who may log in, over which path and from when on: `root`, by public key, once the container has settled. */
export class MachineAccess {
  readonly #clock: WorldClock;
  readonly #faults: MachineFaultBoard;
  readonly #keys = new Set<string>();
  readonly #openAt: number;
  readonly #authLateMs: number;

  constructor(options: MachineAccessOptions) {
    this.#clock = options.clock;
    this.#faults = options.faults;
    this.#openAt = options.clock.now() + (options.sshOpenMs ?? options.random.lognormal(15_000, 60_000));
    this.#authLateMs = options.authLateMs ?? options.random.lognormal(8_000, 30_000);
    for (const line of options.authorizedKeys) this.addKey(line);
  }
  /** One `authorized_keys` line without options. */
  addKey(line: string): void {
    const blob = blobOf(line);
    if (blob !== undefined) this.#keys.add(blob);
  }
  /** Whether a connection over this path gets as far as a server. */
  isOpen(path: SshPath): boolean {
    return this.#clock.now() >= this.#openAt && !this.#faults.is(`${path}Broken`);
  }
  /** `key`: a public key line, or the base64 of its wire form. */
  accepts(user: string, key: string): boolean {
    const lateMs = this.#faults.get('authLate') || this.#authLateMs;
    if (this.#faults.is('authNever') || this.#clock.now() < this.#openAt + lateMs) return false;
    return user === 'root' && this.#keys.has(blobOf(key) ?? key);
  }
}

function blobOf(line: string): string | undefined {
  return line.trim().split(/\s+/)[1];
}
