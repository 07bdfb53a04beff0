import { type EpochParams, type EpochStagesAnswer, stagesOf } from './epoch-schedule.ts';

/** From this height on, epochs are counted from this one, under these parameters. */
interface Era {
  readonly fromHeight: number;
  readonly epochIndex: number;
  readonly pocStart: number;
  readonly params: EpochParams;
}

/** Which epoch is the latest one at a height, also when governance changes the parameters on the way. */
export class EpochTimeline {
  readonly #eras: Era[];

  /** `epochIndex` and `pocStart` are those of the first PoC; epochs before it are counted backwards. */
  constructor(first: { epochIndex: number; pocStart: number; params: EpochParams }) {
    this.#eras = [{ ...first, fromHeight: Number.NEGATIVE_INFINITY }];
  }

  paramsAt(height: number): EpochParams {
    return this.#eraAt(height).params;
  }

  /** The stages of the epoch that is the latest one at `height`. */
  stagesAt(height: number): EpochStagesAnswer {
    const { epochIndex, pocStart, params } = this.#eraAt(height);
    const later = Math.floor((height - pocStart) / params.epochLength);
    return stagesOf(epochIndex + later, pocStart + later * params.epochLength, params);
  }

  /**
   * Other parameters from `fromHeight` on, for the running epoch too, as a passed proposal does it. Throws RangeError
   * when the next PoC would have to have begun before.
   */
  change(fromHeight: number, change: Partial<EpochParams>): void {
    const running = this.stagesAt(fromHeight - 1);
    const params = { ...this.paramsAt(fromHeight - 1), ...change };
    const { epoch_index: epochIndex, poc_start: pocStart } = running;
    if (pocStart + params.epochLength < fromHeight)
      throw new RangeError(`an epoch of ${params.epochLength} blocks would have ended before ${fromHeight}`);
    this.#eras.push({ fromHeight, epochIndex, pocStart, params });
  }

  #eraAt(height: number): Era {
    const era = this.#eras.findLast((candidate) => candidate.fromHeight <= height);
    if (era === undefined) throw new RangeError(`no epoch at height ${height}`);
    return era;
  }
}
