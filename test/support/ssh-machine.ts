/** Something on loopback that a daemon can log in to: a real sshd, or a server in this process. */
export interface SshMachine {
  readonly port: number;
  readonly username: string;
  /** Fingerprint of its host key. */
  readonly hostKey: string;
  close(): Promise<void>;
}
