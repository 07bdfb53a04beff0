import type {
  EpochsPage,
  EpochStory,
  InferenceAnswer,
  JournalAnswer,
  LeasesPage,
  MoneyAnswer,
  NoncesAnswer,
} from './book-answers.ts';

/** What was, and what it cost: asked for page by page, never part of the state. Must not block for long. */
export interface InspectionBooks {
  /** Highest index first. */
  epochs(page: { readonly before?: number; readonly limit: number }): EpochsPage;
  epoch(index: number): EpochStory | undefined;
  /** Newest first; `before` is a lease id. */
  leases(page: { readonly before?: string; readonly limit: number }): LeasesPage;
  /** The newest ones that fit, oldest of them first. */
  journal(page: { readonly rowId?: string; readonly before?: number; readonly limit: number }): JournalAnswer;
  money(): MoneyAnswer;
  /** Of that PoC; without a number of the newest that has any. */
  nonces(epochIndex?: number): NoncesAnswer;
  inference(): InferenceAnswer;
}
