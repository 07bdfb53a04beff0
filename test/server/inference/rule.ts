/** One rule by the number under which it is known, and how it is seen to hold. */
export interface Rule {
  readonly id: string;
  readonly rule: string;
  readonly check: () => Promise<void> | void;
}
