import { z } from 'zod';
import type { HeadRows } from '../../adapters/chain/interface.ts';
import type { GoodHead } from '../../policy/source-choice.ts';
import { blockHeight, type UnixMs, unixMs } from '../../units.ts';

const rowKey = 'chain.good_head';
/** Written again when the chain is so much further: some nine minutes. */
const everyBlocks = 100;

const stages = z.object({ pocStartHeight: z.number().transform(blockHeight) });
const keptSchema = z.object({
  /** Of which sources: others may be of another chain. */
  sources: z.array(z.string()),
  askedAt: z.number().transform(unixMs),
  head: z.object({
    height: z.number().transform(blockHeight),
    seenAt: z.number().transform(unixMs),
    latestEpochIndex: z.number(),
    current: stages,
    next: stages,
  }),
});

/**
 * The head that several sources agreed on last, over restarts: a daemon that returns while only a liar answers still
 * knows better.
 */
export interface KeptHead {
  /** Null when there is none of these sources, or one of the future: a clock was set back. */
  read(now: UnixMs): GoodHead | null;
  note(good: GoodHead): void;
}

export function createKeptHead(rows: HeadRows, sources: readonly string[]): KeptHead {
  let writtenHeight: number | null = null;
  return {
    read: (now) => {
      const kept = parsed(rows.get(rowKey));
      if (kept === null || kept.askedAt > now || kept.sources.join() !== sources.join()) return null;
      return { head: kept.head, askedAt: kept.askedAt, isRemembered: true };
    },
    note: ({ head: { height, seenAt, latestEpochIndex, current, next }, askedAt }) => {
      if (writtenHeight !== null && Math.abs(height - writtenHeight) < everyBlocks) return;
      const { pocStartHeight } = current;
      const head = {
        height,
        seenAt,
        latestEpochIndex,
        current: { pocStartHeight },
        next: { pocStartHeight: next.pocStartHeight },
      };
      try {
        rows.set(rowKey, JSON.stringify({ sources, askedAt, head }));
        writtenHeight = height;
      } catch {
        // A full disk has its own alert, and must not cost the height; the next look tries again.
      }
    },
  };
}

/** Whatever cannot be read counts as not there: it is a hint, and no daemon may fail to start for it. */
function parsed(text: string | undefined): z.output<typeof keptSchema> | null {
  try {
    return keptSchema.safeParse(JSON.parse(text ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}
