import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { makeEd25519Key } from '../../src/sandbox/ed25519-key.ts';

/** Throw-away keys in a directory of their own. */
export interface SshKeys {
  readonly directory: string;
  /** File of the private key. */
  readonly ed25519: string;
  readonly rsa: string;
  /** A key that no machine knows. */
  readonly stranger: string;
  /** `authorized_keys` lines of the first two. */
  readonly authorized: readonly string[];
  remove(): void;
}

export function makeSshKeys(): SshKeys {
  const directory = mkdtempSync(join(tmpdir(), 'hybrid-mlnode-keys-'));
  const pairs = {
    ed25519: makeEd25519Key(),
    rsa: ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }),
    stranger: makeEd25519Key(),
  };
  const store = (name: keyof typeof pairs): string => {
    const path = join(directory, name);
    writeFileSync(path, pairs[name].private, { mode: 0o600 });
    return path;
  };
  return {
    directory,
    ed25519: store('ed25519'),
    rsa: store('rsa'),
    stranger: store('stranger'),
    authorized: [pairs.ed25519.public, pairs.rsa.public],
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
