import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import type { Host, HostListener } from './finding.ts';

/** The computer that this runs on. */
export const thisHost: Host = {
  now: () => Date.now(),
  listeners: () => {
    try {
      return [
        ...listenersOf(readFileSync('/proc/net/tcp', 'utf8')),
        ...(existsSync('/proc/net/tcp6') ? listenersOf(readFileSync('/proc/net/tcp6', 'utf8')) : []),
      ];
    } catch {
      return undefined;
    }
  },
  addresses: () =>
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
  freeBytes: (path) => {
    let place = path;
    while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
    const { bavail, bsize } = statfsSync(place);
    return bavail * bsize;
  },
};

/** What listens, from the text of `/proc/net/tcp` or `/proc/net/tcp6` (man 5 proc). */
export function listenersOf(text: string): readonly HostListener[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      return state === '0A' ? [{ address: addressOf(address), port: Number.parseInt(port, 16) }] : [];
    });
}

/** The kernel prints each 32-bit word in the byte order of the machine, which is little-endian wherever Node runs. */
function addressOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  if (mapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
