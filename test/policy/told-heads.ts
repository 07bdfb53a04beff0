import {
  chooseSource,
  noSourceMemory,
  type SourceChoice,
  type SourceLook,
  type SourceMemory,
} from '../../src/policy/source-choice.ts';
import type { SourceHead } from '../../src/policy/source-track.ts';
import { blockHeight, unixMs } from '../../src/units.ts';

const blockMs = 5_350;
export const startsAt = 1_800_000_000_000;
const startHeight = 2_000_000;
const epochBlocks = 15_391;
const firstPocStart = startHeight + 1_000;

/** What an honest source says that is `behind` blocks behind; a `shift` moves the stages too. */
export function told(at: number, { behind = 0, shift = 0 } = {}): SourceHead {
  const height = startHeight + Math.floor((at - startsAt) / blockMs) - behind;
  const epochs = Math.floor((height - firstPocStart) / epochBlocks);
  const pocStart = firstPocStart + epochs * epochBlocks;
  return {
    height: blockHeight(height + shift),
    seenAt: unixMs(at),
    latestEpochIndex: 200 + epochs,
    current: { pocStartHeight: blockHeight(pocStart + shift) },
    next: { pocStartHeight: blockHeight(pocStart + epochBlocks + shift) },
  };
}

export const trueHeight = (at: number): number => told(at).height;

/** Looks, one after the other; each names what every source says, at so many ms after the start. */
export function lookedAt(
  looks: readonly { readonly ms: number; readonly says: readonly (SourceHead | null)[] }[],
  before: SourceMemory = noSourceMemory,
): readonly (SourceChoice & { readonly height: number | null })[] {
  let memory = before;
  return looks.map(({ ms, says }) => {
    const at = startsAt + ms;
    const asked = says.map((head): SourceLook => ({ askedAt: unixMs(at - 50), head }));
    const choice = chooseSource(memory, asked, unixMs(at));
    ({ memory } = choice);
    return { ...choice, height: memory.good?.head.height ?? null };
  });
}

export const times = (count: number, everyMs = 5_000): readonly number[] =>
  Array.from({ length: count }, (_, index) => index * everyMs);
export const last = <Item>(items: readonly Item[]): Item => items.at(-1) as Item;

/** All sources honest for a while, so that there is a history; then `says` for a while. */
export const after = (
  count: number,
  honest: number,
  says: (at: number, look: number) => readonly (SourceHead | null)[],
): ReturnType<typeof lookedAt> =>
  lookedAt(
    times(40 + count).map((ms, look) => {
      const at = startsAt + ms;
      return { ms, says: look < 40 ? Array.from({ length: honest }, () => told(at)) : says(at, look - 40) };
    }),
  );
