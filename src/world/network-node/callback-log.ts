/** One callback that was answered 200. */
export interface AcceptedCallback {
  readonly kind: 'generated' | 'validated';
  readonly pocStartHeight: number;
  /** `callbackHash` of the body. */
  readonly hash: string;
  readonly acceptedAtMs: number;
}

/** A stretch in which no callback could be taken; `toMs` null = it lasts. World ms. */
export interface Outage {
  readonly fromMs: number;
  toMs: number | null;
}

/** Accepted callbacks kept in the books; the oldest go first. */
const entryLimit = 50_000;

/** What was accepted and when nothing could be: the other side of what the machines were told. */
export class CallbackLog {
  readonly #entries: AcceptedCallback[] = [];
  readonly #outages: Outage[] = [];
  #forgotten = 0;

  add(entry: AcceptedCallback): void {
    this.#entries.push(entry);
    if (this.#entries.length <= entryLimit) return;
    this.#entries.shift();
    this.#forgotten += 1;
  }

  /** To be told whenever the ability to take callbacks may have changed. */
  setTaking(isTaking: boolean, nowMs: number): void {
    const last = this.#outages.at(-1);
    const isOut = last !== undefined && last.toMs === null;
    if (isTaking && isOut) last.toMs = nowMs;
    if (!isTaking && !isOut) this.#outages.push({ fromMs: nowMs, toMs: null });
  }

  /** What was accepted of one PoC; the newest PoC is found at once. */
  of(pocStartHeight: number): { accepted: AcceptedCallback[]; outages: readonly Outage[] } {
    const accepted: AcceptedCallback[] = [];
    for (let at = this.#entries.length - 1; at >= 0; at -= 1) {
      const entry = this.#entries[at];
      if (entry === undefined || entry.pocStartHeight < pocStartHeight) break;
      if (entry.pocStartHeight === pocStartHeight) accepted.push(entry);
    }
    return { accepted, outages: this.#outages };
  }

  toJSON(): Record<string, unknown> {
    return { accepted: this.#entries, forgotten: this.#forgotten, outages: this.#outages };
  }
}
