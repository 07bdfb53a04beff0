import type { Block } from '../chain/chain-world.ts';
import { EpochBook } from './epoch-book.ts';
import type { NodeRegistry } from './node-registry.ts';

/** All PoCs that the Network Node has seen, and the epoch group that came of the last one. */
export class EpochLedger {
  readonly #books = new Map<number, EpochBook>();
  /** Node ids; undefined until the first group was formed: the host is taken as one that has served before. */
  #epochGroup: ReadonlySet<string> | undefined;

  onBlock(block: Block, nowMs: number): void {
    const stages = block.epochs.epoch_stages;
    const isInPoc = block.height >= stages.poc_start && block.height < stages.poc_validation_end;
    if (isInPoc && stages.epoch_index > 0 && !this.#books.has(stages.poc_start)) {
      this.#books.set(stages.poc_start, new EpochBook(stages, block.pocStartHash));
    }
    this.latest()?.onHeight(block.height, nowMs);
  }

  at(pocStart: number): EpochBook | undefined {
    return this.#books.get(pocStart);
  }

  /** The books of one PoC; empty when it was never seen. */
  of(pocStart: number): Record<string, unknown>[] {
    const book = this.at(pocStart);
    return book === undefined ? [] : [book.toJSON()];
  }

  latest(): EpochBook | undefined {
    return [...this.#books.values()].at(-1);
  }

  isInEpochGroup(id: string): boolean {
    return this.#epochGroup?.has(id) ?? true;
  }

  /** At `set_new_validators`: only nodes with weight from this PoC are given inference requests. */
  formEpochGroup(registry: NodeRegistry): void {
    const book = this.latest();
    if (book === undefined) return;
    const ids = registry.all().map((node) => node.config.id);
    this.#epochGroup = new Set(ids.filter((id) => book.noncesOf(id) > 0));
    for (const node of registry.all()) node.isInEpochGroup = this.isInEpochGroup(node.config.id);
  }

  books(): Record<string, unknown> {
    const books = [...this.#books.values()];
    const sum = (figure: (book: EpochBook) => number): number =>
      books.reduce((total, book) => total + figure(book), 0);
    return {
      epochs: books.map((book) => book.toJSON()),
      completed: sum((book) => Number(book.verdict === 'completed')),
      missed: sum((book) => Number(book.verdict === 'missed')),
      noncesAccepted: sum((book) => book.noncesOf()),
      noncesDuplicate: sum((book) => book.duplicates),
      validationsDelivered: sum((book) => book.validationsDelivered.size),
      validationsRequested: sum((book) => book.validationsRequested.size),
      callbacksRefused: sum((book) => book.refused),
      callbacksLate: sum((book) => book.late),
    };
  }
}
