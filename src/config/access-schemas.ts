import { isIP } from 'node:net';
import { z } from 'zod';
import { Secret } from '../secret.ts';
import type { AddressRange, CallerToken } from './config.ts';

const keywords: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10'],
  any: ['0.0.0.0/0', '::/0'],
};

/** `loopback`, `private`, `any`, addresses and CIDR ranges, comma separated. */
export const addressRanges = z.string().transform((value, context): readonly AddressRange[] => {
  const words = listOf(value);
  const ranges: AddressRange[] = [];
  for (const word of words.flatMap((each) => keywords[each.toLowerCase()] ?? [each])) {
    const range = rangeOf(word);
    if (range === undefined) {
      context.addIssue({
        code: 'custom',
        message: `must list addresses and CIDR ranges; ${word} is neither`,
      });
      return z.NEVER;
    }
    ranges.push(range);
  }
  return ranges;
});

/** `name:token`, comma separated; each name and each token once. The message names no token. */
export const callerTokens = z.string().transform((value, context): readonly CallerToken[] => {
  const pairs = listOf(value).map((pair) => /^([\w.-]{1,64}):([!-+\--~]{16,256})$/.exec(pair));
  const tokens = pairs.flatMap((pair) => (pair ? [{ name: pair[1] ?? '', token: pair[2] ?? '' }] : []));
  const isOnce = (of: readonly string[]): boolean => new Set(of).size === of.length;
  if (tokens.length < pairs.length)
    context.addIssue({
      code: 'custom',
      message: 'must be name:token pairs, each token 16 to 256 characters',
    });
  else if (!isOnce(tokens.map(({ name }) => name)) || !isOnce(tokens.map(({ token }) => token)))
    context.addIssue({ code: 'custom', message: 'must give each name and each token once' });
  return tokens.map(({ name, token }) => ({ name, token: new Secret(token) }));
});

export const callerNames = z.string().transform(listOf);

function rangeOf(word: string): AddressRange | undefined {
  const [address = '', bits, ...more] = word.split('/');
  const width = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (width === 0 || more.length > 0) return undefined;
  if (bits === undefined) return { address, prefix: width };
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  return prefix <= width ? { address, prefix } : undefined;
}

function listOf(value: string): readonly string[] {
  return value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}
