import { Random } from '../random.ts';
import {
  type ConfirmationEvent,
  confirmationEvent,
  confirmationPhaseAt,
  triggerWindow,
} from './confirmation-event.ts';
import type { EpochTimeline } from './epoch-timeline.ts';
import type { ConfirmationParams } from './flavour.ts';

export interface ConfirmationScheduleOptions {
  readonly seed: number;
  readonly timeline: EpochTimeline;
  readonly params: ConfirmationParams | undefined;
  /** No event before it: the first epoch of this chain has no weight to confirm. */
  readonly fromHeight: number;
  /** If chance drew none in so many blocks of an epoch's window, one is drawn there all the same. Default: it does not. */
  readonly firstWithinBlocks?: number | undefined;
}

/** Epochs whose events are remembered, for sources that lag. */
const rememberedEpochs = 4;

/**
 * The confirmation PoCs of a chain. At each block of the window one is triggered with probability expected / length
 * of the window; the gaps between are drawn at once, which comes to the same. Nobody can know them before.
 */
export class ConfirmationSchedule {
  readonly #options: ConfirmationScheduleOptions;
  readonly #drawn = new Map<number, ConfirmationEvent[]>();
  #params: ConfirmationParams | undefined;

  constructor(options: ConfirmationScheduleOptions) {
    this.#options = options;
    this.#params = options.params;
  }

  get params(): ConfirmationParams | undefined {
    return this.#params;
  }

  /** The event that runs at `height`. */
  eventAt(height: number): ConfirmationEvent | undefined {
    return this.#eventsAt(height).find((event) => confirmationPhaseAt(height, event) !== undefined);
  }

  /** Height of the next trigger after `height`; without one in this epoch, that of the next `poc_start`. */
  nextTriggerAfter(height: number): number {
    const next = this.#eventsAt(height).find(({ triggerHeight }) => triggerHeight > height);
    return next?.triggerHeight ?? this.#options.timeline.stagesAt(height).next_poc_start;
  }

  /** The parameters of chain or confirmation PoC are others from `fromHeight` on: what was not triggered is drawn anew. */
  change(fromHeight: number, change: Partial<ConfirmationParams> = {}): void {
    if (this.#params !== undefined) this.#params = { ...this.#params, ...change };
    const { epoch_index: epochIndex } = this.#options.timeline.stagesAt(fromHeight);
    const past = (this.#drawn.get(epochIndex) ?? []).filter((event) => event.triggerHeight < fromHeight);
    this.#drawn.set(epochIndex, this.#draw(fromHeight, past, fromHeight));
  }

  #eventsAt(height: number): readonly ConfirmationEvent[] {
    if (this.#params === undefined) return [];
    const { epoch_index: epochIndex } = this.#options.timeline.stagesAt(height);
    const known = this.#drawn.get(epochIndex);
    if (known !== undefined) return known;
    const events = this.#draw(height, [], 0);
    this.#drawn.set(epochIndex, events);
    for (const old of [...this.#drawn.keys()].slice(0, -rememberedEpochs)) this.#drawn.delete(old);
    return events;
  }

  /** The events of the epoch that is the latest at `height`: those that are there, and what is drawn from `earliest` on. */
  #draw(height: number, past: readonly ConfirmationEvent[], earliest: number): ConfirmationEvent[] {
    const { seed, timeline, fromHeight, firstWithinBlocks } = this.#options;
    const params = this.#params;
    const stages = timeline.stagesAt(height);
    const epochParams = timeline.paramsAt(height);
    const events = [...past];
    if (params === undefined || params.expectedPerEpoch <= 0 || stages.poc_start < fromHeight) return events;
    const { start, end } = triggerWindow(stages, epochParams, params);
    const length = end - start + 1;
    if (length <= 0) return events;
    const random = new Random(seed).fork(stages.epoch_index + 7_919 * (past.length + 1));
    const gap = (): number => gapOf(random, params.expectedPerEpoch / length);
    const latest = firstWithinBlocks === undefined ? undefined : start + Math.min(length, firstWithinBlocks);
    let from = Math.max(start, (past.at(-1)?.validationEndHeight ?? 0) + 2, earliest);
    for (;;) {
      let triggerHeight = from + gap();
      const isLate = events.length === 0 && latest !== undefined && triggerHeight >= latest;
      if (isLate && from < latest) triggerHeight = Math.floor(random.between(from, latest));
      if (triggerHeight > end) return events;
      const drawn = { epochIndex: stages.epoch_index, sequence: events.length, triggerHeight };
      const event = confirmationEvent(drawn, epochParams);
      events.push(event);
      from = event.validationEndHeight + 2;
    }
  }
}

/** Blocks without an event before the one that has it. */
const gapOf = (random: Random, chance: number): number =>
  chance >= 1 ? 0 : Math.floor(Math.log(1 - random.next()) / Math.log(1 - chance));
