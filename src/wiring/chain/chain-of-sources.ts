import { HybridError, toFault } from '../../errors.ts';
import {
  chooseSource,
  noSourceMemory,
  type SourceLook,
  type SourceMemory,
  type SourceStanding,
} from '../../policy/source-choice.ts';
import type { UnixMs } from '../../units.ts';
import { untilFirstAndPatience } from './first-and-patience.ts';
import { createKeptHead, type KeptHead } from './kept-head.ts';
import type { Chain, ChainHead, ChainParams, HeadRows, SourceView } from '../../adapters/chain/interface.ts';

export interface NamedSource {
  /** Host of its URL: for people. */
  readonly name: string;
  readonly chain: Chain;
}

export interface ChainOfSourcesOptions {
  /** In the order of the operator's trust: it decides where nothing else does. */
  readonly sources: readonly NamedSource[];
  /** The daemon's clock. */
  readonly now: () => UnixMs;
  /** How long the others are waited for once one has answered. @default 1.5 s of real time */
  readonly patience?: (signal: AbortSignal) => Promise<unknown>;
}

/** Several sources as one. */
export interface ChainOfSources extends Chain {
  /** In their configured order. */
  sources(): readonly SourceView[];
  keepHeadIn(rows: HeadRows): void;
}

/**
 * Asks all sources at once and believes what `chooseSource` does (docs/reference/protocol.md "Where to read"). While
 * sources merely lag, the last good head is given again. Throws the first source's error when none answers, and
 * CHAIN_SOURCES_DISAGREE when none of those that do is credible. Throws CONFIG_INVALID without a source.
 */
export function createChainOfSources(options: ChainOfSourcesOptions): ChainOfSources {
  const { sources, now } = options;
  if (sources.length === 0)
    throw new HybridError({ code: 'CONFIG_INVALID', message: 'no chain source is set' });
  let memory: SourceMemory = noSourceMemory;
  let good: ChainHead | undefined;
  let kept: KeptHead | undefined;
  let views: readonly SourceView[] = sources.map(({ name }) => ({ ...unseen, name }));

  async function head(signal: AbortSignal): Promise<ChainHead> {
    const askedAt = now();
    const answers = await untilFirstAndPatience(
      sources.map(
        ({ chain }) =>
          (own) =>
            chain.head(own),
      ),
      options.patience,
      signal,
    );
    const looks = answers.map(
      (answer): SourceLook => ({
        askedAt,
        head: 'value' in answer ? answer.value : null,
      }),
    );
    const choice = chooseSource(memory, looks, now());
    ({ memory } = choice);
    if (choice.isAgreed && memory.good !== null) kept?.note(memory.good);
    views = answers.map((answer, index) => viewOf(answer, choice.standings[index], views[index]));
    const chosen = choice.chosen === null ? undefined : answers[choice.chosen];
    if (chosen !== undefined && 'value' in chosen) return (good = chosen.value);
    const isHeld = choice.standings.some((standing) => standing === 'lagging' || standing === 'stale');
    if (good !== undefined && (isHeld || choice.standings.includes('following'))) return good;
    const [first] = answers;
    if (first !== undefined && answers.every((answer) => 'error' in answer) && 'error' in first)
      throw first.error;
    throw new HybridError({
      code: 'CHAIN_SOURCES_DISAGREE',
      message: `none is credible: ${views.map(({ name, standing, height }) => `${name} ${standing} at ${height}`).join(', ')}`,
    });
  }

  /** Those that were caught lying, or say nothing, come last. */
  const trusted = (): readonly Chain[] =>
    sources
      .map(({ chain }, index) => ({
        chain,
        rank: ranks[views[index]?.standing ?? 'unknown'] ?? ranks.unknown,
      }))
      .toSorted((a, b) => a.rank - b.rank)
      .map(({ chain }) => chain);

  return {
    head,
    sources: () => views,
    keepHeadIn: (rows) => {
      // One source has nobody to contradict it.
      if (sources.length === 1) return;
      kept = createKeptHead(
        rows,
        sources.map(({ name }) => name),
      );
      memory = { ...memory, good: memory.good ?? kept.read(now()) };
    },
    params: (signal): Promise<ChainParams> =>
      firstOf(trusted(), signal, async (chain) => ({ found: await chain.params(signal) })),
    knowsAccount: async (address, signal) => {
      let isAnswered = false;
      // One that lags or has a gap is no proof of absence, so the others are asked too.
      const isKnown = await firstOf(trusted(), signal, async (chain) => {
        const isThere = await chain.knowsAccount(address, signal);
        isAnswered = true;
        return isThere ? { found: true } : null;
      }).catch((error: unknown) => {
        if (isAnswered && !signal.aborted) return false;
        throw error;
      });
      return isKnown;
    },
  };
}

const unseen: Omit<SourceView, 'name'> = { standing: 'unknown', height: null, seenAt: null, fault: null };

const ranks: Readonly<Record<SourceStanding, number>> & Readonly<Record<string, number | undefined>> = {
  following: 0,
  halted: 0,
  lagging: 1,
  unknown: 1,
  stale: 2,
  unreachable: 3,
  lying: 4,
};

function viewOf(
  answer: { readonly value: ChainHead } | { readonly error: unknown },
  standing: SourceStanding = 'unknown',
  before: SourceView = { ...unseen, name: '' },
): SourceView {
  if ('error' in answer) return { ...before, standing, fault: toFault(answer.error).code };
  const { height, seenAt } = answer.value;
  return { ...before, standing, height, seenAt, fault: null };
}

/** Throws the first error when nobody finds anything. */
async function firstOf<Found>(
  chains: readonly Chain[],
  signal: AbortSignal,
  ask: (chain: Chain) => Promise<{ readonly found: Found } | null>,
): Promise<Found> {
  let failure: unknown;
  for (const chain of chains) {
    try {
      const answer = await ask(chain);
      if (answer !== null) return answer.found;
    } catch (error) {
      if (signal.aborted) throw error;
      failure ??= error;
    }
  }
  throw failure ?? new HybridError({ code: 'CHAIN_BAD_ANSWER', message: 'no source knows' });
}
