import { z } from 'zod';
import type { WireResponse } from '../transport.ts';
import { badAnswer } from './epochs-answer.ts';

const account = z.object({ denom: z.string() });
/** A 404 of the API itself; one of a proxy in front of it says nothing about accounts. */
const refusal = z.object({ error: z.unknown() });

/**
 * Whether an answer to `participants/{address}` names an account. `source` is the host, for messages.
 * Throws CHAIN_BAD_ANSWER.
 */
export function parseAccountAnswer({ status, body }: WireResponse, source: string): boolean {
  if (status === 200 && account.safeParse(jsonOf(body)).success) return true;
  if (status === 404 && refusal.safeParse(jsonOf(body)).success) return false;
  throw badAnswer(source, `answered ${status} to participants, and no account`);
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
