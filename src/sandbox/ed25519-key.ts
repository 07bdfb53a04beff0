import ssh2 from 'ssh2';

export interface OpenSshKey {
  /** OpenSSH's file format. */
  readonly private: string;
  /** One `authorized_keys` line. */
  readonly public: string;
}

/**
 * A new ed25519 key. ssh2's generator loses a leading zero byte, so that about one key of 256 can be read by nobody
 * (seen with 1.17.0); such a key is thrown away here.
 */
export function makeEd25519Key(): OpenSshKey {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
