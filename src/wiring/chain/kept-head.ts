import { blockHeight, type UnixMs, unixMs } from '../../units.ts';
import type { SourceHead } from '../../policy/source-track.ts';
import type { SourceMemory } from '../../policy/source-choice.ts';
import type { HeadRows } from '../../adapters/chain/interface.ts';

type GoodHead = NonNullable<SourceMemory['good']>;

const rowKey = 'chain.good_head';
/** Written again when the chain is so much further: some nine minutes. */
const everyBlocks = 100;
/** Older than any machine lives without its daemon; a network that began anew under the same address is met anew. */
const keptMs = 3_600_000;

/**
 * The head that several sources were last believed to have, over restarts: a daemon that returns while only a liar
 * answers still knows better.
 */
export interface KeptHead {
  /** Null when there is none that is young enough. */
  read(now: UnixMs): GoodHead | null;
  note(good: GoodHead): void;
}

export function createKeptHead(rows: HeadRows): KeptHead {
  let writtenHeight: number | null = null;
  return {
    read: (now) => {
      const text = rows.get(rowKey);
      if (text === undefined) return null;
      const { head, askedAt } = JSON.parse(text) as GoodHead;
      return now - askedAt > keptMs ? null : { head: asHead(head), askedAt: unixMs(askedAt) };
    },
    note: ({ head, askedAt }) => {
      if (writtenHeight !== null && head.height - writtenHeight < everyBlocks) return;
      try {
        rows.set(rowKey, JSON.stringify({ head: asHead(head), askedAt }));
        writtenHeight = head.height;
      } catch {
        // A full disk has its own alert, and must not cost the height; the next look tries again.
      }
    },
  };
}

/** What the choice reads of a head, and no more: a chain's answer has stages that nobody needs again. */
function asHead({ height, seenAt, latestEpochIndex, current, next }: SourceHead): SourceHead {
  return {
    height,
    seenAt,
    latestEpochIndex,
    current: { pocStartHeight: blockHeight(current.pocStartHeight) },
    next: { pocStartHeight: blockHeight(next.pocStartHeight) },
  };
}
