import { createHash } from 'node:crypto';

/** `SHA256:…` without padding, as `ssh-keygen -lf` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/**
 * Judges the host key of one connection. Without a pin the first key is taken (a rented machine makes its key when
 * it starts, so nobody can know it before); with one, any other key means that the machine is not the leased one.
 */
export class HostKeyCheck {
  readonly pinned: string | undefined;
  #seen: string | undefined;
  constructor(pinned: string | undefined) {
    this.pinned = pinned;
  }
  readonly verify = (key: Buffer): boolean => {
    this.#seen = fingerprint(key);
    return !this.isChanged;
  };
  /** Fingerprint that the machine showed; undefined before the key exchange. */
  get seen(): string | undefined {
    return this.#seen;
  }
  get isChanged(): boolean {
    return this.pinned !== undefined && this.#seen !== undefined && this.#seen !== this.pinned;
  }
}
