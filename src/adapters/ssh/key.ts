import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { HybridError } from '../../errors.ts';
import { fromPkcs8 } from './pkcs8.ts';

/** A private key that can log in. */
export interface SshKey {
  readonly parsed: ParsedKey;
  /** One `authorized_keys` line without a line end. */
  readonly publicLine: string;
}

export interface SshKeySource {
  /** File of the private key; `~/` is the home directory. */
  readonly keyPath: string;
  /** Of an encrypted key. Absent = the key must be stored unencrypted. */
  readonly passphrase?: string;
}

/**
 * Reads an ed25519, RSA or ECDSA key in OpenSSH, PEM (PKCS#1, SEC 1) or PKCS#8 form. Throws SSH_KEY_UNREADABLE with
 * the file's name and the way out.
 */
export function loadSshKey(source: SshKeySource): SshKey {
  const path = source.keyPath.replace(/^~(?=\/|$)/, homedir());
  const parsed = parse(path, read(path), source.passphrase);
  return { parsed, publicLine: `${parsed.type} ${parsed.getPublicSSH().toString('base64')} hybrid-mlnode` };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw unreadable(path, `is not there; make one with: ssh-keygen -t ed25519 -N '' -f ${path}`);
    }
    if (code === 'EISDIR')
      throw unreadable(path, `is a directory; name the key file in it, as ${join(path, 'id_ed25519')}`);
    throw unreadable(path, `cannot be read (${code ?? 'unknown cause'}); check its owner and permissions`);
  }
}

function parse(path: string, content: Buffer, passphrase: string | undefined): ParsedKey {
  const text = content.toString('latin1');
  const isEncrypted = /ENCRYPTED/.test(text);
  const parsed = /BEGIN (ENCRYPTED )?PRIVATE KEY/.test(text)
    ? fromPkcs8(content, passphrase)
    : ssh2.utils.parseKey(content, passphrase);
  if (!(parsed instanceof Error)) {
    if (parsed.isPrivateKey()) return parsed;
    throw unreadable(path, 'is a public key; name the private one (the file without .pub)');
  }
  // OpenSSH's own format names its cipher only inside the encoded part, so the parser's word is needed too.
  if (isEncrypted || /encrypted|passphrase|integrity|bad decrypt/i.test(parsed.message)) {
    throw unreadable(
      path,
      passphrase === undefined
        ? `is encrypted and no passphrase is given; remove it with: ssh-keygen -p -N '' -f ${path}`
        : 'is encrypted and the passphrase does not fit',
    );
  }
  throw unreadable(path, 'is no private key in OpenSSH or PEM form');
}

function unreadable(path: string, rest: string): HybridError {
  return new HybridError({ code: 'SSH_KEY_UNREADABLE', message: `SSH key file ${path} ${rest}`, path });
}
