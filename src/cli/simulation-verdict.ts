import { isHeldOn } from '../simulation/chain-settings.ts';
import type { SimulationFigures } from '../simulation/report.ts';
import type { ChainFlavour } from '../world/chain/flavour.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { createPaint } from './paint.ts';

/** By what a run is judged. */
interface JudgedTerms {
  /** No fault was switched, and no daemon died on purpose. */
  readonly isCalm: boolean;
  readonly chain: ChainFlavour;
  readonly policy: string;
  /** `GPU_FLEET_WIDTH`. */
  readonly fleet: number;
  /** Null = the documented mishaps. */
  readonly hostFailure: number | null;
}

/** The figures, and which run they are of. */
export type NamedFigures = SimulationFigures &
  JudgedTerms & { readonly seed: number; readonly seeds: number };

/** Says how the simulation went; with `isJson` the figures are the one line on stdout. Returns the exit code. */
export function simulationVerdict(
  figures: NamedFigures,
  isJson: boolean,
  io: Pick<CommandIo, 'stdout' | 'stderr' | 'env'>,
): number {
  // The predecessor is shown, not judged.
  const faults = figures.policy === 'predecessor' ? [] : simulationFaults(figures, figures);
  const talk = isJson ? io.stderr : io.stdout;
  const paint = createPaint(talk, io.env);
  talk.write(`${summary(figures)}\n`);
  for (const fault of faults) talk.write(`${paint.red('not as it should be')}: ${fault}\n`);
  if (faults.length === 0) talk.write(`${paint.green('nothing happened that may never happen')}\n`);
  if (isJson) io.stdout.write(`${JSON.stringify(figures)}\n`);
  return faults.length === 0 ? exitCodes.ok : exitCodes.failed;
}

/**
 * Which figures left their bound, in words; missed epochs and money are results, not faults. In a calm run nothing
 * excuses what the provider forces on us, what arrives twice and how much cannot be delivered; and where our ratios are
 * published, they hold (docs/reference/simulation.md "Figures").
 */
export function simulationFaults(figures: SimulationFigures, terms: Partial<JudgedTerms> = {}): string[] {
  const { isCalm = false } = terms;
  const bounds: readonly [boolean, string][] = [
    [figures.invariantViolations > 0, `${figures.invariantViolations} invariants broken`],
    [figures.leakedInstances > 0, `${figures.leakedInstances} instances leaked`],
    [figures.duplicateCreates > 0, `${figures.duplicateCreates} machines rented twice`],
    [figures.earlyReleases > 0, `${figures.earlyReleases} machines released before their time`],
    [figures.callbacksLost > 0, `${figures.callbacksLost} callbacks lost`],
    [figures.capOvershootUsd > 0, `$${figures.capOvershootUsd} spent beyond the cap of a day`],
    [
      figures.leakedSecondsMax > orphanSecondsMax,
      `a machine was unknown for ${figures.leakedSecondsMax} s, ${orphanSecondsMax} s at most`,
    ],
  ];
  const calmBounds: readonly [boolean, string][] = [
    [figures.providerForcedUsd > 0, `$${figures.providerForcedUsd} forced on us by the provider`],
    [figures.noncesDuplicate > 0, `${figures.noncesDuplicate} nonces arrived more than once`],
    [
      figures.callbacksUndeliverable > 0,
      `${figures.callbacksUndeliverable} callbacks could not be delivered`,
    ],
    ...ratioBounds(figures, terms),
  ];
  return [...bounds, ...(isCalm ? calmBounds : [])]
    .filter(([isBroken]) => isBroken)
    .map(([, sentence]) => sentence);
}

/** Below so many epochs one of them moves a ratio. */
const judgedEpochsMin = 20;
const hostFailureMax = 0.2;

/** Of runs like those whose ratios are published: one machine, and a market no worse. */
function ratioBounds(
  { epochs, instances, epochsUnrewarded, paidOverUseful, paidOverMinimum }: SimulationFigures,
  { chain, policy = 'auto', fleet = 1, hostFailure = null }: Partial<JudgedTerms>,
): readonly [boolean, string][] {
  const isLike = fleet === 1 && (hostFailure ?? 0) <= hostFailureMax && epochs >= judgedEpochsMin;
  // Who may rent nothing has nothing to show.
  if (chain === undefined || !isLike || instances === 0) return [];
  if (isHeldOn(chain, policy)) {
    const unrewardedMax = Math.max(1, 0.02 * epochs);
    return [
      [
        epochsUnrewarded > unrewardedMax,
        `${epochsUnrewarded} of ${epochs} epochs unrewarded, 2 in 100 at most`,
      ],
      [(paidOverUseful ?? 0) > 1.08, `paid for ${paidOverUseful} of the useful time, 1.08 at most`],
    ];
  }
  if (!chain.startsWith('v1')) return [];
  return [[(paidOverMinimum ?? 0) > 2, `paid for ${paidOverMinimum} of the least time, 2 at most`]];
}

/** An orphan is destroyed within a minute of the first list that shows it; lists and destroys may fail for a while. */
const orphanSecondsMax = 900;

function summary(figures: SimulationFigures): string {
  const { completed, epochs, missed, missedPer1000 } = figures;
  return [
    `epochs     ${completed} of ${epochs} completed, ${missed} missed (${missedPer1000} in 1000)`,
    `rewards    ${figures.epochsUnrewarded} epochs unrewarded, ${figures.confirmationsMissed} confirmation PoCs missed`,
    `machines   ${figures.instances} rented, ${figures.leakedInstances} leaked, ${figures.duplicateCreates} twice`,
    `callbacks  ${figures.callbacksLost} lost, ${figures.callbacksUndeliverable} undeliverable`,
    `money      $${figures.costUsd.toFixed(2)} for ${figures.paidSeconds} GPU seconds, ${figures.usefulSeconds} of them useful (${figures.paidOverMinimum} of the minimum), $${figures.costUsdPer1000Nonces} for 1000 nonces`,
    `crashes    ${figures.crashes}; ${figures.speedup} times as fast as the world`,
  ].join('\n');
}
