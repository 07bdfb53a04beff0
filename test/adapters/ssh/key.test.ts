import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, describe, expect, it } from 'vitest';
import { createSsh } from '../../../src/adapters/ssh/index.ts';
import { HybridError } from '../../../src/errors.ts';
import { makeEd25519Key } from '../../../src/sandbox/ed25519-key.ts';

const directory = mkdtempSync(join(tmpdir(), 'hybrid-mlnode-key-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function store(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}
const publicKey = (keyPath: string, passphrase?: string): string =>
  createSsh(passphrase === undefined ? { keyPath } : { keyPath, passphrase }).publicKey();
/** Type and body of an `authorized_keys` line. */
const half = (line: string): string => line.split(' ').slice(0, 2).join(' ');

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8'): string =>
  key.export({ type, format: 'pem' }).toString();

describe('the SSH key', () => {
  it.each(['ed25519', 'rsa', 'ecdsa'] as const)('is read in OpenSSH form: %s', (type) => {
    const pair =
      type === 'ed25519'
        ? makeEd25519Key()
        : ssh2.utils.generateKeyPairSync(type as 'rsa', { bits: type === 'rsa' ? 2048 : 256 });
    const line = publicKey(store(`openssh-${type}`, `${pair.private}\n`));
    expect(half(line)).toBe(half(pair.public));
    expect(line).not.toContain('\n');
  });

  it('is read in PEM form: RSA in PKCS#1 and PKCS#8 are the same key', () => {
    const old = publicKey(store('rsa-pkcs1', pem(rsa, 'pkcs1')));
    expect(old).toMatch(/^ssh-rsa AAAA/);
    expect(publicKey(store('rsa-pkcs8', pem(rsa, 'pkcs8')))).toBe(old);
  });

  it('is read in PEM form: ed25519 in PKCS#8', () => {
    const line = publicKey(store('ed25519-pkcs8', pem(ed25519, 'pkcs8')));
    const { x } = ed25519.export({ format: 'jwk' });
    const body = Buffer.from(line.split(' ')[1] ?? '', 'base64');
    expect(line).toMatch(/^ssh-ed25519 AAAA/);
    expect(body.subarray(-32).toString('base64url')).toBe(x);
  });

  it('may stand below the home directory', () => {
    const error = faultOf(() => publicKey('~/hybrid-mlnode-no-such-key'));
    expect(error.message).toContain(join(homedir(), 'hybrid-mlnode-no-such-key'));
  });

  const locked = ssh2.utils.generateKeyPairSync('ecdsa', {
    bits: 256,
    passphrase: 'secret word',
    cipher: 'aes256-ctr',
    rounds: 1,
  });
  const lockedPem = rsa
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret word' })
    .toString();
  const lockedPkcs1 = rsa
    .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret word' })
    .toString();

  it.each([
    ['OpenSSH', locked.private],
    ['PKCS#8', lockedPem],
    ['PKCS#1', lockedPkcs1],
  ])('may be encrypted when its passphrase is given: %s', (form, content) => {
    expect(publicKey(store(`open-${form.replace('#', '')}`, content), 'secret word')).toMatch(
      /^(ssh-rsa|ecdsa-)/,
    );
  });

  it.each([
    ['encrypted OpenSSH without passphrase', locked.private, undefined, /encrypted and no passphrase/],
    ['encrypted PKCS#8 without passphrase', lockedPem, undefined, /encrypted and no passphrase/],
    ['encrypted PKCS#1 without passphrase', lockedPkcs1, undefined, /encrypted and no passphrase/],
    ['encrypted with another passphrase', locked.private, 'guess', /passphrase does not fit/],
    ['the public half', locked.public, undefined, /is a public key; name the private one/],
    ['no key at all', 'hello', undefined, /no private key/],
    ['an empty file', '', undefined, /no private key/],
    [
      'a broken PKCS#8',
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      undefined,
      /no private key/,
    ],
  ])('is refused by name, with the way out: %s', (name, content, passphrase, message) => {
    const path = store(name.replaceAll(/\W/g, '-'), content);
    const error = faultOf(() => publicKey(path, passphrase));
    expect(error.code).toBe('SSH_KEY_UNREADABLE');
    expect(error.class).toBe('operator');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(basename(path));
    expect(JSON.stringify(error.facts)).not.toContain('secret word');
  });

  it('that is missing, or a directory, is refused before any connection is tried', async () => {
    const missing = join(directory, 'missing');
    expect(faultOf(() => publicKey(missing)).message).toContain(`ssh-keygen -t ed25519 -N '' -f ${missing}`);
    expect(faultOf(() => publicKey(directory)).message).toContain('is a directory');
    const attempt = createSsh({ keyPath: missing }).connect(
      { endpoint: { via: 'proxy', host: '127.0.0.1', port: 1 } },
      { timeoutMs: 1_000, signal: new AbortController().signal },
    );
    await expect(attempt).rejects.toMatchObject({ code: 'SSH_KEY_UNREADABLE' });
  });
});

function faultOf(work: () => unknown): HybridError {
  try {
    work();
  } catch (error) {
    if (error instanceof HybridError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
