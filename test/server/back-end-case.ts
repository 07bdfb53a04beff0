import { openAiDialect } from '../../src/adapters/upstream/dialect.ts';
import type { Upstream } from '../../src/adapters/upstream/interface.ts';
import type { BackEnd, BackEndNews, Candidate, InferenceDesk } from '../../src/server/inference/desk.ts';
import type { BackEndTraits } from '../../src/server/inference/request-mapping.ts';

export const theirModel = 'upstream/name-of-its-own';

/** A back end in the hands of a test; `news` is what calls taught about it. */
export interface BackEndCase extends BackEnd {
  readonly news: BackEndNews[];
  now: { restMs: number; turnMs: number; traits: BackEndTraits };
}

export function backEndCase(upstream: Upstream, change: Partial<BackEnd> = {}): BackEndCase {
  const now = {
    restMs: 0,
    turnMs: 0,
    traits: { takesStreamOptions: true, takesLogprobs: true, takesSeed: true },
  };
  const news: BackEndNews[] = [];
  return {
    name: upstream.name,
    upstream,
    dialect: openAiDialect,
    stream: 'asAsked',
    isEnforcing: false,
    limits: { firstTokenMs: 60_000, totalMs: 300_000 },
    traits: () => now.traits,
    restMs: () => now.restMs,
    takeTurn: () => now.turnMs,
    note: (heard) => void news.push(heard),
    news,
    now,
    ...change,
  };
}

/** A desk that offers one model. */
export function deskOf(
  model: string,
  candidates: readonly Candidate[] | undefined,
  change: Partial<InferenceDesk> = {},
): InferenceDesk {
  return {
    model,
    models: () => [model],
    candidates: (asked) => (asked === model ? candidates : undefined),
    account: () => undefined,
    ...change,
  };
}
