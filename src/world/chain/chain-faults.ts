import { FaultBoard, type FaultDescription } from '../neighbour.ts';

/** What one source of the chain's public API can show, whatever the chain does. */
export const sourceFaults: readonly FaultDescription[] = [
  {
    name: 'lag',
    sentence: 'The API answers as if it were that many blocks behind; subscribers are not affected.',
  },
  {
    name: 'stuck',
    sentence:
      'Its node follows no more blocks while not 0: the API goes on with the height at which it got stuck.',
  },
  { name: 'ahead', sentence: 'The API lies: it answers as if it were that many blocks ahead of the chain.' },
  {
    name: 'shifted',
    sentence: 'The API lies: every height in its answers, stages too, is that many blocks too high.',
  },
  {
    name: 'noChainApi',
    sentence:
      'The paths below /chain-api and /chain-rpc are switched off while not 0, as operators may since v0.2.8.',
  },
  {
    name: 'html',
    sentence: 'Every answer is an HTML page with status 200 while not 0, as from a parked domain.',
  },
  { name: 'unreachable', sentence: 'Every connection is closed unanswered while not 0.' },
  { name: 'silent', sentence: 'Every connection is taken and never answered while not 0.' },
  { name: 'error500', sentence: 'Every answer is 500 while not 0, as when the chain query behind it fails.' },
];

/** Those of the chain itself, and of its first source. */
export const chainFaults: readonly FaultDescription[] = [
  {
    name: 'halt',
    sentence: 'No new blocks while not 0, as in a chain upgrade; the API goes on with the old height.',
  },
  {
    name: 'blockTime',
    sentence:
      'Blocks come that many world milliseconds apart while not 0; mainnet drifts, 3 000 to 8 000 is possible.',
  },
  ...sourceFaults,
];

/** Tells its owner around every change: what happened before a fault was switched happened without it. */
export class ChainFaultBoard extends FaultBoard {
  readonly #before: () => void;
  readonly #after: (name: string) => void;
  constructor(
    faults: readonly FaultDescription[],
    owner: { before?: () => void; after?: (name: string) => void },
  ) {
    super(faults);
    this.#before = owner.before ?? ((): void => undefined);
    this.#after = owner.after ?? ((): void => undefined);
  }
  override set(name: string, value: number): void {
    this.#before();
    super.set(name, value);
    this.#after(name);
  }
}
