import { hash } from 'node:crypto';
import type { WorldClock, WorldTimer } from '../clock.ts';
import type { WorldOutcome, WorldRequest } from '../exchange.ts';
import type { FaultBoard, Neighbour } from '../neighbour.ts';
import { ChainApi, type ChainView } from './chain-api.ts';
import { ChainFaultBoard, chainFaults } from './chain-faults.ts';
import type { Block, ChainWorldOptions, GovernanceChange } from './chain-options.ts';
import { type ConfirmationEvent, confirmationPhaseAt } from './confirmation-event.ts';
import { ConfirmationSchedule } from './confirmation-schedule.ts';
import { type EpochParams, type EpochStagesAnswer, phaseAt, stagesOf } from './epoch-schedule.ts';
import { EpochTimeline } from './epoch-timeline.ts';
import {
  type AnswerShape,
  type EpochsAnswer,
  epochsAnswer,
  type RunningConfirmation,
} from './epochs-answer.ts';
import { type ChainTerms, chainTerms, type ConfirmationParams } from './flavour.ts';
import { type GovernanceModel, inferenceParamsAnswer } from './params-answer.ts';

export type { Block, ChainWorldOptions, GovernanceChange } from './chain-options.ts';

/** The Gonka chain with the public read API in front of it: blocks, epochs, phases, confirmation PoCs. */
export class ChainWorld implements Neighbour {
  readonly faults: FaultBoard;
  /** What further sources of this chain read; `ChainSource` serves them. */
  readonly view: ChainView;
  readonly #clock: WorldClock;
  readonly #options: ChainWorldOptions;
  readonly #terms: ChainTerms;
  readonly #timeline: EpochTimeline;
  readonly #schedule: ConfirmationSchedule;
  readonly #api: ChainApi;
  readonly #startHeight: number;
  readonly #listeners = new Set<(block: Block) => void>();
  #height: number;
  /** World time at which the newest block came, and at which the next one is due. */
  #madeAt: number;
  #dueAt: number;
  /** Height of the last block that subscribers were told. */
  #toldHeight: number;
  #timer: WorldTimer | undefined;
  /** What was told last of each shape: several sources, and every look at a chain that stands, say the same. */
  readonly #told = new Map<AnswerShape, EpochsAnswer>();

  constructor(options: ChainWorldOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#terms = chainTerms(options.flavour ?? 'v1', options.scale ?? 'demo');
    this.#startHeight = options.startHeight ?? 2_089_000;
    this.#height = this.#startHeight;
    this.#toldHeight = this.#startHeight;
    const pocStart = options.firstPocStartHeight ?? this.#startHeight + 200;
    this.#timeline = new EpochTimeline({
      epochIndex: (options.epochIndex ?? 135) + 1,
      pocStart,
      params: { ...this.#terms.epoch, ...options.params },
    });
    this.#schedule = new ConfirmationSchedule({
      seed: options.seed,
      timeline: this.#timeline,
      params: this.#terms.confirmation && { ...this.#terms.confirmation, ...options.confirmation },
      fromHeight: pocStart,
      firstWithinBlocks: options.firstConfirmationWithinBlocks,
    });
    const board = new ChainFaultBoard(chainFaults, {
      before: () => this.#passQuietBlocks(),
      after: (name) => this.#onFault(name),
    });
    this.faults = board;
    this.#madeAt = this.#clock.now();
    this.#dueAt = this.#madeAt + this.#blockTimeMs;
    this.view = this.#createView();
    this.#api = new ChainApi(this.view, board, options.answerShape ?? 'flat');
    this.#arm();
  }

  get height(): number {
    this.#passQuietBlocks();
    return this.#height;
  }

  /** The parameters of epochs as they are now. */
  get params(): EpochParams {
    return this.#timeline.paramsAt(this.height);
  }

  get pocVersion(): 1 | 2 {
    return this.#terms.pocVersion;
  }

  /** Parameters of confirmation PoC as they are now; undefined on a chain that has none. */
  get confirmationParams(): ConfirmationParams | undefined {
    return this.#schedule.params;
  }

  /** A proposal has passed: other parameters from the next block on. Throws RangeError when the next PoC would be past. */
  govern(change: GovernanceChange): void {
    const fromHeight = this.height + 1;
    this.#timeline.change(fromHeight, change.epoch ?? {});
    this.#schedule.change(fromHeight, change.confirmation);
    this.#told.clear();
    this.rearm();
  }

  /** Which block is told next is to be asked anew: something happened that makes the next ones noticed. */
  rearm(): void {
    this.#passQuietBlocks();
    this.#clock.clearTimeout(this.#timer);
    this.#arm();
  }

  /** World time at which a height will be there if nothing halts the chain; the past for one that is there. */
  timeOf(height: number): number {
    return this.#dueAt + (height - this.height - 1) * this.#blockTimeMs;
  }

  /** Hash of the block at `height`: made of seed and height, so that any process can tell it. */
  hashAt(height: number): string {
    return hash('sha256', `${this.#options.seed}/${height}`, 'hex').toUpperCase();
  }

  /** The stages of the epoch that is the latest one at `height`. */
  stagesAt(height: number): EpochStagesAnswer {
    return this.#timeline.stagesAt(height);
  }

  /** The confirmation PoC that runs at `height`. */
  confirmationAt(height: number): ConfirmationEvent | undefined {
    return this.#schedule.eventAt(height);
  }

  latestBlock(): Block {
    this.#passQuietBlocks();
    const { poc_start: pocStart } = this.stagesAt(this.#height);
    const confirmation = this.#running(this.#height);
    return {
      height: this.#height,
      hash: this.hashAt(this.#height),
      pocStartHash: this.hashAt(pocStart),
      epochs: this.#epochs(this.#height, 'flat'),
      ...(confirmation === undefined ? {} : { confirmation }),
    };
  }

  /** Calls `listener` for every new block from now on; returns the end of the subscription. */
  subscribe(listener: (block: Block) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  handle(request: WorldRequest): Promise<WorldOutcome> {
    this.#passQuietBlocks();
    return this.#api.handle(request);
  }

  books(): Record<string, unknown> {
    const stages = this.stagesAt(this.height);
    return {
      startHeight: this.#startHeight,
      height: this.#height,
      epochIndex: stages.epoch_index,
      phase: phaseAt(this.#height, stages),
      requests: this.#api.requests,
    };
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  get #blockTimeMs(): number {
    return this.faults.get('blockTime') || (this.#options.blockTimeMs ?? 5_350);
  }

  /** Due times are absolute, so that late timers do not make the chain slow. */
  #arm(): void {
    const { nextHeightOfInterest } = this.#options;
    const nextHeight =
      nextHeightOfInterest === undefined
        ? this.#height + 1
        : Math.min(nextHeightOfInterest(this.#height), this.#schedule.nextTriggerAfter(this.#height));
    const untoldMs = Math.max(0, nextHeight - this.#height - 1) * this.#blockTimeMs;
    this.#timer = this.#clock.setTimeout(
      () => this.#tick(),
      Math.max(0, this.#dueAt + untoldMs - this.#clock.now()),
    );
  }

  #tick(): void {
    if (this.#options.nextHeightOfInterest === undefined) this.#pass(1);
    else this.#passQuietBlocks();
    if (this.#height !== this.#toldHeight) this.#tell();
    // Only now: the block itself may have made a later one interesting.
    this.#clock.clearTimeout(this.#timer);
    this.#arm();
  }

  #tell(): void {
    this.#toldHeight = this.#height;
    const block = this.latestBlock();
    for (const listener of this.#listeners) listener(block);
  }

  #passQuietBlocks(): void {
    if (this.#options.nextHeightOfInterest === undefined) return;
    const lateMs = this.#clock.now() - this.#dueAt;
    if (lateMs >= 0) this.#pass(Math.floor(lateMs / this.#blockTimeMs) + 1);
  }

  #pass(blocks: number): void {
    this.#dueAt += blocks * this.#blockTimeMs;
    if (this.faults.get('halt') > 0) return;
    this.#height += blocks;
    this.#madeAt = this.#dueAt - this.#blockTimeMs;
  }

  #onFault(name: string): void {
    if (name === 'stuck') this.#api.onStuck();
    if (name === 'blockTime') this.rearm();
  }

  #running(height: number): RunningConfirmation | undefined {
    const event = this.#schedule.eventAt(height);
    const phase = event && confirmationPhaseAt(height, event);
    if (event === undefined || phase === undefined) return undefined;
    const isSeeded = height >= event.generationStartHeight;
    return { event, phase, seedHash: isSeeded ? this.hashAt(event.generationStartHeight) : '' };
  }

  #epochs(height: number, shape: AnswerShape): EpochsAnswer {
    const told = this.#told.get(shape);
    if (told?.block_height === height) return told;
    const current = this.stagesAt(height);
    const params = this.#timeline.paramsAt(height);
    const answer = epochsAnswer({
      height,
      phase: phaseAt(height, current),
      current,
      next: stagesOf(current.epoch_index + 1, current.next_poc_start, params),
      params,
      shape,
      confirmation: this.#running(height),
    });
    this.#told.set(shape, answer);
    return answer;
  }

  #createView(): ChainView {
    const { governanceModels = {}, accounts = {} } = this.#options;
    const models: GovernanceModel[] = Object.entries(governanceModels).map(([id, args]) => ({ id, args }));
    return {
      height: () => this.height,
      blockMs: (height) => this.#madeAt - (this.height - height) * this.#blockTimeMs,
      hashAt: (height) => this.hashAt(height),
      epochsAt: (height, shape) => this.#epochs(height, shape),
      params: (height) =>
        inferenceParamsAnswer({
          epoch: this.#timeline.paramsAt(height),
          confirmation: this.#schedule.params,
          pocVersion: this.#terms.pocVersion,
          models,
        }),
      models,
      accounts,
    };
  }
}
