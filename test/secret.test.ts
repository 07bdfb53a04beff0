import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../src/secret.ts';

test('a secret is read only by asking for it', () => {
  const secret = new Secret('s3cr3t');
  expect(secret.reveal()).toBe('s3cr3t');
  for (const printed of [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ deep: [{ secret }] }, { depth: 9, showHidden: true }),
    Object.values(secret).join(),
  ]) {
    expect(printed).not.toContain('s3cr3t');
  }
});
