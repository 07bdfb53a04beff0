import { milliseconds, type BlockHeight, type Milliseconds, type UnixMs } from '../units.ts';

export interface HeadSample {
  readonly height: BlockHeight;
  readonly seenAt: UnixMs;
}

/** Observed on mainnet 5.32–5.41 s (docs/reference/protocol.md "Epoch arithmetic"); only until heads were seen. */
export const blockTimePriorMs: Milliseconds = milliseconds(5_350);

/** Samples kept; with one a block that is about five minutes, enough to average out when a look just missed a block. */
const sampleCountMax = 60;
/** Over fewer blocks than this the moment of looking dominates the measure. */
const spanBlocksMin = 10;

/** Adds a head that advanced; a chain that went back (another source, a restart) starts the measure anew. */
export function addSample(samples: readonly HeadSample[], head: HeadSample): readonly HeadSample[] {
  const last = samples.at(-1);
  if (last !== undefined && head.height < last.height) return [{ height: head.height, seenAt: head.seenAt }];
  if (last !== undefined && head.height === last.height) return samples;
  return [...samples, { height: head.height, seenAt: head.seenAt }].slice(-sampleCountMax);
}

/** Block time over the samples, kept within what is physically plausible so that one odd answer cannot move a plan far. */
export function estimateBlockTime(samples: readonly HeadSample[]): Milliseconds {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return blockTimePriorMs;
  const blocks = last.height - first.height;
  if (blocks < spanBlocksMin) return blockTimePriorMs;
  const measured = (last.seenAt - first.seenAt) / blocks;
  return milliseconds(Math.min(10_000, Math.max(2_000, measured)));
}
