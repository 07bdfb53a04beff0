import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { AddressRange } from '../../config/config.ts';

/** Of one name, real milliseconds. A name that does not resolve in time is left out. */
const lookupTimeoutMs = 2_000;

/**
 * The addresses of the Network Node's own URLs, each a range of one. It may call everything whatever ALLOW_FROM
 * says: a list that forgets it would fail the node. Looked up once, at the start.
 */
export async function networkNodeRanges(urls: readonly string[]): Promise<readonly AddressRange[]> {
  const hosts = new Set(urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')));
  const found = await Promise.all([...hosts].map(addressesOf));
  return found.flat().map((address) => ({ address, prefix: isIP(address) === 6 ? 128 : 32 }));
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    limit = setTimeout(() => resolve([]), lookupTimeoutMs);
  });
  const found = lookup(host, { all: true }).then(
    (entries) => entries.map(({ address }) => address),
    () => [],
  );
  return Promise.race([found, late]).finally(() => clearTimeout(limit));
}
