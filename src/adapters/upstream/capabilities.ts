import { z } from 'zod';
import { HybridError } from '../../errors.ts';
import type { Upstream, UpstreamAnswer } from './interface.ts';

/** What one model at one back end really does with fields that not every API has. */
export interface UpstreamCapabilities {
  /** `stream_options` is accepted; `isUsageInStream` says whether it does anything. */
  readonly takesStreamOptions: boolean;
  readonly isUsageInStream: boolean;
  /** `ignored`: accepted, and no log probabilities come. */
  readonly logprobs: 'given' | 'ignored' | 'refused';
  readonly takesSeed: boolean;
}

const schema = z.object({
  takesStreamOptions: z.boolean(),
  isUsageInStream: z.boolean(),
  logprobs: z.enum(['given', 'ignored', 'refused']),
  takesSeed: z.boolean(),
});

/** A stored finding, or undefined when it is none of this version. */
export function parseCapabilities(text: string): UpstreamCapabilities | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Of one question, real milliseconds. */
const questionTimeoutMs = 60_000;
/** A one-token answer is a few kilobytes; whatever says more is cut. */
const answerBytesMax = 256 * 1024;

/** The fields in question, as the Network Node sends them (docs/reference/protocol.md "Inference path"). */
const askedLogprobs = { logprobs: true, top_logprobs: 5 };
const askedUsage = { stream_options: { include_usage: true } };
/** Negative on purpose: the Network Node's seeds are. */
const askedSeed = { seed: -1 };

/**
 * Asks for one token with everything at once; only when that is refused, for each field alone. At most four
 * questions, a few tokens. Throws UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, UPSTREAM_BROKEN, UPSTREAM_BAD_ANSWER,
 * ABORTED when no answer settles it.
 */
export async function probeCapabilities(
  upstream: Pick<Upstream, 'name' | 'complete'>,
  model: string,
  signal: AbortSignal,
): Promise<UpstreamCapabilities> {
  const ask = (fields: object): Promise<Heard> => oneToken(upstream, { model, ...fields }, signal);
  const all = await ask({ ...askedLogprobs, ...askedUsage, ...askedSeed });
  if (all.isTaken) return finding(all, all, all);
  return finding(await ask(askedLogprobs), await ask(askedUsage), await ask(askedSeed));
}

function finding(logprobs: Heard, usage: Heard, seed: Heard): UpstreamCapabilities {
  return {
    takesStreamOptions: usage.isTaken,
    isUsageInStream: usage.hasUsage,
    logprobs: !logprobs.isTaken ? 'refused' : logprobs.hasLogprobs ? 'given' : 'ignored',
    takesSeed: seed.isTaken,
  };
}

interface Heard {
  readonly isTaken: boolean;
  readonly hasUsage: boolean;
  readonly hasLogprobs: boolean;
}

async function oneToken(
  upstream: Pick<Upstream, 'name' | 'complete'>,
  fields: object,
  signal: AbortSignal,
): Promise<Heard> {
  const messages = [{ role: 'user', content: 'Say: a' }];
  const body = JSON.stringify({ messages, max_tokens: 1, stream: true, ...fields });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(questionTimeoutMs)]);
  const answer = await upstream.complete({ path: '/chat/completions', body, signal: limit });
  const text = await textOf(answer);
  if (answer.status === 400 || answer.status === 422) {
    return { isTaken: false, hasUsage: false, hasLogprobs: false };
  }
  if (answer.status !== 200 || !text.includes('"choices"')) {
    throw new HybridError({
      code: 'UPSTREAM_BAD_ANSWER',
      message: `${upstream.name}: no completion for ${answer.status}, capabilities unknown`,
    });
  }
  return {
    isTaken: true,
    hasUsage: /"usage"\s*:\s*\{/.test(text),
    hasLogprobs: /"logprobs"\s*:\s*\{/.test(text),
  };
}

async function textOf(answer: UpstreamAnswer): Promise<string> {
  let text = '';
  for await (const piece of answer.body) {
    text += piece.toString('latin1');
    if (text.length > answerBytesMax) break;
  }
  return text;
}
