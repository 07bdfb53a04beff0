import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeEd25519Key } from '../../sandbox/ed25519-key.ts';

/** Makes an ed25519 key at `path` and `path.pub`, unless one is there. Returns whether it was made. */
export function makeSshKeyFile(path: string): boolean {
  if (existsSync(path)) return false;
  const key = makeEd25519Key();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, key.private, { mode: 0o600, flag: 'wx' });
  writeFileSync(`${path}.pub`, `${key.public.trim()} hybrid-mlnode\n`, { mode: 0o644 });
  return true;
}
