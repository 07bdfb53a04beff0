import { createPrivateKey, randomBytes, type KeyObject } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';

/**
 * A PKCS#8 PEM (`BEGIN PRIVATE KEY`, the form that openssl writes) as a key that ssh2 understands, which reads
 * PKCS#1 and OpenSSH's form only. Returns an Error, as ssh2's own parser does, when it is none or stays locked.
 */
export function fromPkcs8(pem: Buffer, passphrase: string | undefined): ParsedKey | Error {
  try {
    const key = createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
    return ssh2.utils.parseKey(toReadableForm(key));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function toReadableForm(key: KeyObject): string | Buffer {
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' });
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' });
  if (key.asymmetricKeyType === 'ed25519') return openSshForm(key);
  throw new Error(`unsupported key type ${key.asymmetricKeyType}`);
}

/** OpenSSH's `openssh-key-v1` container, unencrypted. Source: OpenSSH, PROTOCOL.key. */
function openSshForm(key: KeyObject): string {
  const { d, x } = key.export({ format: 'jwk' });
  const seed = Buffer.from(d ?? '', 'base64url');
  const point = Buffer.from(x ?? '', 'base64url');
  const check = randomBytes(4);
  const type = field(Buffer.from('ssh-ed25519'));
  const secret = Buffer.concat([
    check,
    check,
    type,
    field(point),
    field(Buffer.concat([seed, point])),
    field(Buffer.alloc(0)),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, at) => at + 1));
  const container = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field(Buffer.from('none')),
    field(Buffer.from('none')),
    field(Buffer.alloc(0)),
    Buffer.from([0, 0, 0, 1]),
    field(Buffer.concat([type, field(point)])),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = container.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

function field(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}
