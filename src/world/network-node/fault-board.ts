import { FaultBoard } from '../neighbour.ts';

export const networkNodeFaults = [
  {
    name: 'down',
    sentence: 'Every connection to it, admin and callbacks, is closed unanswered while not 0.',
  },
  { name: 'callback500', sentence: 'Every callback is answered 500 while not 0: the transaction fails.' },
  { name: 'callback503', sentence: 'Every callback is answered 503 while not 0.' },
  { name: 'callbackSlow', sentence: 'Callbacks are answered so many world milliseconds late.' },
  {
    name: 'adminOther',
    sentence: 'The admin port belongs to another service while not 0: HTML with status 200.',
  },
  {
    name: 'restart',
    sentence:
      'The program ends at once and is back after so many world milliseconds: nodes are enabled as of the current epoch and numbered anew.',
  },
];

/** Tells its owner of every change. */
export class WatchedFaultBoard extends FaultBoard {
  readonly #onChange: (name: string) => void;
  constructor(onChange: (name: string) => void) {
    super(networkNodeFaults);
    this.#onChange = onChange;
  }
  override set(name: string, value: number): void {
    super.set(name, value);
    this.#onChange(name);
  }
}
