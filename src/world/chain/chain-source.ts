import type { WorldOutcome, WorldRequest } from '../exchange.ts';
import type { Neighbour } from '../neighbour.ts';
import { ChainApi, type ChainView } from './chain-api.ts';
import { ChainFaultBoard, sourceFaults } from './chain-faults.ts';
import type { AnswerShape } from './epochs-answer.ts';

/** A further public node of the same chain: the same blocks, faults of its own. */
export class ChainSource implements Neighbour {
  readonly faults: ChainFaultBoard;
  readonly #api: ChainApi;
  /** `shape`: hosts of v0.2.15 answer in another one than the others. Default `flat`. */
  constructor(view: ChainView, shape: AnswerShape = 'flat') {
    this.faults = new ChainFaultBoard(sourceFaults, {
      after: (name) => name === 'stuck' && this.#api.onStuck(),
    });
    this.#api = new ChainApi(view, this.faults, shape);
  }

  handle(request: WorldRequest): Promise<WorldOutcome> {
    return this.#api.handle(request);
  }

  books(): Record<string, unknown> {
    return { height: this.#api.height, requests: this.#api.requests };
  }

  close(): void {
    this.faults.set('stuck', 0);
  }
}
