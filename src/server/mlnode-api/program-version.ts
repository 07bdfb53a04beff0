import { readFileSync } from 'node:fs';

/** Version of this program, as its package states it; what the Network Node shows as the ML node's version. */
export function programVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
