import { blockTimePriorMs, type HeadSample } from './block-time.ts';

/** When a height is reached, seen from the newest head. */
export interface BlockForecast {
  /** From the newest head, milliseconds. */
  readonly aboutMs: number;
  /** Half of the range in which nineteen of twenty such waits end, milliseconds. */
  readonly spreadMs: number;
}

/** Standard deviation of one block's time where none was measured: a fifth of it. */
const priorDeviationMs = blockTimePriorMs / 5;
/** Below this many differences the measure says less than the prior. */
const differencesMin = 8;

/**
 * The wait for so many blocks, with its uncertainty: the blocks' own variation grows with the root of their number, the
 * doubt about the mean with the number itself. `blockTimeMs` is the estimate that the plan uses.
 */
export function forecastBlocks(
  samples: readonly HeadSample[],
  blockTimeMs: number,
  blocks: number,
): BlockForecast {
  const count = Math.max(0, blocks);
  const { deviationMs, blocksSeen } = variation(samples, blockTimeMs);
  const doubt = deviationMs / Math.sqrt(Math.max(1, blocksSeen));
  const spreadMs = 1.96 * Math.hypot(deviationMs * Math.sqrt(count), doubt * count);
  return { aboutMs: count * blockTimeMs, spreadMs };
}

/** Of one block: a look that saw several at once counts as that many, with a part each of what it was off. */
function variation(
  samples: readonly HeadSample[],
  blockTimeMs: number,
): { readonly deviationMs: number; readonly blocksSeen: number } {
  const steps = samples.slice(1).map((sample, place) => ({
    blocks: sample.height - (samples[place]?.height ?? 0),
    ms: sample.seenAt - (samples[place]?.seenAt ?? 0),
  }));
  if (steps.length < differencesMin) return { deviationMs: priorDeviationMs, blocksSeen: differencesMin };
  const squares = steps.reduce((sum, { blocks, ms }) => sum + (ms - blocks * blockTimeMs) ** 2 / blocks, 0);
  return {
    deviationMs: Math.sqrt(squares / steps.length),
    blocksSeen: steps.reduce((sum, { blocks }) => sum + blocks, 0),
  };
}
