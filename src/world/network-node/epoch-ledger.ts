import type { Block } from '../chain/chain-world.ts';
import { EarlyShareGuard } from './artifact-objection.ts';
import { EpochAccount } from './epoch-account.ts';
import type { NodeRegistry } from './node-registry.ts';
import { PocBook } from './poc-book.ts';
import { confirmationSpan, type PocSpan, regularSpan } from './poc-span.ts';
import { StoredNonces } from './stored-nonces.ts';

export interface EpochLedgerOptions {
  readonly pocVersion: 1 | 2;
  /** Below this ratio a confirmation PoC is failed. */
  readonly alpha: number;
  /** What other validators find wrong with a PoC's artifacts. */
  objection(book: PocBook): string | undefined;
  /** Nodes that a PoC leaves in service, drawn when it begins. */
  preserved(span: PocSpan): ReadonlySet<string>;
  /** Ids of all nodes. */
  nodeIds(): readonly string[];
}

/** All PoCs that the Network Node has seen, and the epoch group that came of the last one. */
export class EpochLedger {
  readonly #options: EpochLedgerOptions;
  readonly #guard = new EarlyShareGuard();
  readonly #accounts: EpochAccount[] = [];
  /** By `stageHeight`, the newest last. */
  readonly #books = new Map<number, PocBook>();
  /** Those one of whose windows may be open. */
  readonly #open = new Set<PocBook>();
  readonly #judged = new WeakSet<PocBook>();
  #latest: PocBook | undefined;
  /** Node ids; undefined until the first group was formed: the host is taken as one that has served before. */
  #epochGroup: ReadonlySet<string> | undefined;

  constructor(options: EpochLedgerOptions) {
    this.#options = options;
  }

  onBlock(block: Block, nowMs: number): void {
    const stages = block.epochs.epoch_stages;
    const { height, confirmation } = block;
    const isInPoc = height >= stages.poc_start && height < stages.poc_validation_end;
    if (isInPoc && stages.epoch_index > 0)
      this.#begin(regularSpan(stages, block.pocStartHash, this.#options.pocVersion));
    if (confirmation !== undefined && confirmation.seedHash !== '')
      this.#begin(confirmationSpan(confirmation, stages));
    for (const book of this.#open) {
      book.onHeight(height, nowMs);
      if (book.isOver(height) && !this.#judged.has(book)) this.#judge(book);
      if (book.isOver(height) && height > book.span.validated.end) this.#open.delete(book);
    }
  }

  at(stageHeight: number): PocBook | undefined {
    return this.#books.get(stageHeight);
  }

  /** The books of one PoC, in the list of its kind; both are empty when it was never seen. */
  of(stageHeight: number): Record<'epochs' | 'confirmations', Record<string, unknown>[]> {
    const regular = this.#accounts.find(({ regular: book }) => book.span.stageHeight === stageHeight);
    const epochIndex = this.at(stageHeight)?.span.epochIndex;
    const account = this.#accounts.find(({ regular: book }) => book.span.epochIndex === epochIndex);
    return {
      epochs: regular === undefined ? [] : [regular.toJSON()],
      confirmations: (account?.confirmationRows() ?? []).filter((row) => row['stageHeight'] === stageHeight),
    };
  }

  confirmationHeights(pocStart: number): readonly number[] {
    const account = this.#accounts.find(({ regular }) => regular.span.stageHeight === pocStart);
    return (account?.confirmations() ?? []).map(({ span }) => span.stageHeight);
  }

  /** The newest PoC of either kind. */
  latest(): PocBook | undefined {
    return this.#latest;
  }

  latestRegular(): PocBook | undefined {
    return this.#accounts.at(-1)?.regular;
  }

  /** The PoC whose callbacks of that kind are taken at `height`. */
  taking(kind: 'generated' | 'validated', height: number): PocBook | undefined {
    return [...this.#open].find((book) => book.isWindowOpen(kind, height));
  }

  /** Whether the participant is called for the confirmation PoCs of its epoch. */
  get isActive(): boolean {
    return this.#accounts.at(-1)?.isActive ?? false;
  }

  isInEpochGroup(id: string): boolean {
    return this.#epochGroup?.has(id) ?? true;
  }

  /** At `set_new_validators`: only nodes with weight from this PoC are given inference requests. */
  formEpochGroup(registry: NodeRegistry): void {
    const book = this.latestRegular();
    if (book === undefined) return;
    const ids = registry.all().map((node) => node.config.id);
    this.#epochGroup = new Set(
      ids.filter((id) => book.nonces.countOf(id) > 0 || book.preservedNodes.has(id)),
    );
    for (const node of registry.all()) node.isInEpochGroup = this.isInEpochGroup(node.config.id);
  }

  books(): Record<string, unknown> {
    const books = [...this.#books.values()];
    const regular = this.#accounts.map((account) => account.regular);
    const verdicts = this.#accounts.flatMap((account) => account.verdicts());
    const sum = (figure: (book: PocBook) => number, of = books): number =>
      of.reduce((total, book) => total + figure(book), 0);
    return {
      pocVersion: this.#options.pocVersion,
      epochs: this.#accounts.map((account) => account.toJSON()),
      confirmations: this.#accounts.flatMap((account) => account.confirmationRows()),
      completed: sum((book) => Number(book.verdict === 'completed'), regular),
      missed: sum((book) => Number(book.verdict === 'missed'), regular),
      confirmationsServed: verdicts.filter((verdict) => verdict === 'served').length,
      confirmationsMissed: verdicts.filter((verdict) => verdict === 'missed').length,
      epochsUnrewarded: this.#accounts.filter((account) => account.isUnrewarded).length,
      noncesAccepted: sum((book) => book.nonces.count),
      noncesDuplicate: sum((book) => book.nonces.duplicates),
      artifactsAccepted: this.#options.pocVersion === 2 ? sum((book) => book.nonces.count) : 0,
      validationsDelivered: sum((book) => book.validationsDelivered.size),
      validationsRequested: sum((book) => book.validationsRequested.size),
      callbacksRefused: sum((book) => book.refused),
      callbacksLate: sum((book) => book.late),
    };
  }

  #begin(span: PocSpan): void {
    if (this.#books.has(span.stageHeight)) return;
    const book = new PocBook(span, new StoredNonces(this.#options.pocVersion === 2));
    for (const id of this.#options.preserved(span)) book.preservedNodes.add(id);
    this.#books.set(span.stageHeight, book);
    this.#latest = book;
    this.#open.add(book);
    if (span.kind === 'confirmation') this.#accounts.at(-1)?.open(book);
    else this.#accounts.push(new EpochAccount(book, this.#carriedWeight(book), this.#options.alpha));
  }

  /** What preserved nodes bring along from the epoch before. */
  #carriedWeight({ preservedNodes }: PocBook): number {
    const before = this.#accounts.at(-1)?.regular;
    if (before === undefined) return 0;
    return [...preservedNodes].reduce((sum, id) => sum + before.nonces.countOf(id), 0);
  }

  #judge(book: PocBook): void {
    this.#judged.add(book);
    const isPunctual = this.#options.pocVersion === 1 || this.#guard.passes(book);
    book.objection = isPunctual ? this.#options.objection(book) : 'started late twice in a row';
    book.nonces.forgetProofs();
    if (book.span.kind === 'regular') book.verdict = this.#verdictOf(book);
    else this.#judgeConfirmation(book);
  }

  #verdictOf(book: PocBook): PocBook['verdict'] {
    const ids = this.#options.nodeIds();
    if (ids.length > 0 && ids.every((id) => book.preservedNodes.has(id))) return 'preserved';
    const isCounted = book.nonces.weight > 0 && book.objection === undefined;
    return isCounted && book.isValidated ? 'completed' : 'missed';
  }

  #judgeConfirmation(book: PocBook): void {
    const account = this.#accounts.at(-1);
    if (account === undefined) return;
    const preserved = [...book.preservedNodes].reduce(
      (sum, id) => sum + account.regular.nonces.countOf(id),
      0,
    );
    account.judge(book, Math.max(0, account.weight - preserved), preserved);
  }
}
