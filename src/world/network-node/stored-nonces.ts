/** `dist` of v1, `vector_b64` of v2. */
export type Proof = number | string;

/** How often PoC v2 commits what is stored, world milliseconds; v1 puts every batch on chain by itself. */
const commitPeriodMs = 5_000;

/** What came of one participant's nonces: each counts once, however often it comes. */
export class StoredNonces {
  readonly #isCommitted: boolean;
  readonly #nonces = new Map<number, { readonly proof: Proof; readonly nodeId: string }>();
  /** When how many were there. */
  readonly #growth: { readonly atMs: number; readonly count: number }[] = [];
  readonly #snapshots: { early: number | undefined; final: number | undefined } = {
    early: undefined,
    final: undefined,
  };
  #byNode: ReadonlyMap<string, number> | undefined;
  #count = 0;
  batches = 0;
  duplicates = 0;
  /** `isCommitted`: only what a periodic commitment holds counts, as in v2. */
  constructor(isCommitted: boolean) {
    this.#isCommitted = isCommitted;
  }

  take(nodeId: string, batch: readonly (readonly [nonce: number, proof: Proof])[], nowMs: number): void {
    this.batches += 1;
    for (const [nonce, proof] of batch) {
      if (this.#nonces.has(nonce)) this.duplicates += 1;
      else this.#nonces.set(nonce, { proof, nodeId });
    }
    this.#count = this.#nonces.size;
    if (this.#isCommitted) this.#growth.push({ atMs: nowMs, count: this.#count });
  }

  get count(): number {
    return this.#count;
  }

  /** What the chain counts. */
  get weight(): number {
    return this.#isCommitted ? (this.#snapshots.final ?? 0) : this.count;
  }

  /** Share of the final commitment that was there after a third of the generation; 1 where nothing is committed. */
  get earlyShare(): number {
    const { early = 0, final = 0 } = this.#snapshots;
    return final === 0 ? 1 : early / final;
  }

  countOf(nodeId: string): number {
    return this.#counts().get(nodeId) ?? 0;
  }

  /** In order of their nonces. */
  all(): [nonce: number, proof: Proof][] {
    return [...this.#nonces]
      .toSorted(([one], [other]) => one - other)
      .map(([nonce, { proof }]) => [nonce, proof]);
  }

  /** Holds on to what was committed by `nowMs`; the first time counts. */
  takeSnapshot(which: 'early' | 'final', openedAtMs: number, nowMs: number): void {
    if (!this.#isCommitted || this.#snapshots[which] !== undefined) return;
    const commitMs = openedAtMs + Math.floor((nowMs - openedAtMs) / commitPeriodMs) * commitPeriodMs;
    this.#snapshots[which] = this.#growth.findLast(({ atMs }) => atMs <= commitMs)?.count ?? 0;
  }

  commitments(): Record<string, unknown> {
    return this.#isCommitted
      ? { artifactsCommitted: this.#snapshots.final ?? 0, artifactsEarly: this.#snapshots.early ?? 0 }
      : {};
  }

  /** Nothing asks for single nonces any more: only the counts are kept. */
  forgetProofs(): void {
    this.#byNode = this.#counts();
    this.#nonces.clear();
    this.#growth.length = 0;
  }

  #counts(): ReadonlyMap<string, number> {
    if (this.#byNode !== undefined) return this.#byNode;
    const counts = new Map<string, number>();
    for (const { nodeId } of this.#nonces.values()) counts.set(nodeId, (counts.get(nodeId) ?? 0) + 1);
    return counts;
  }
}
