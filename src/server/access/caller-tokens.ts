import { createHash } from 'node:crypto';
import type { CallerToken } from '../../config/config.ts';

/** The caller whose token an `Authorization` header carries. */
export type TokenLookup = (authorization: string | undefined) => CallerToken | undefined;

/** Tokens are compared by digest, so the time of the look-up tells nothing about one. */
export function callerTokens(tokens: readonly CallerToken[]): TokenLookup {
  const byDigest = new Map(tokens.map((each) => [digest(each.token.reveal()), each]));
  return (authorization) => {
    if (byDigest.size === 0 || authorization === undefined) return undefined;
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    return given === undefined ? undefined : byDigest.get(digest(given));
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64');
