import type { EpochStagesAnswer } from '../chain/epoch-schedule.ts';
import type { ProofBatch } from './proof-batch.ts';

/** When one kind of callback was taken, world ms; null = not yet. */
interface Window {
  openedAtMs: number | null;
  closedAtMs: number | null;
}

/** One PoC in the Network Node's own account. */
export class EpochBook {
  readonly stages: EpochStagesAnswer;
  readonly pocStartHash: string;
  readonly nodesDispatched = new Set<string>();
  /** Participants whose batches have to be validated, by public key. */
  readonly validationsDue = new Set<string>();
  readonly validationsRequested = new Set<string>();
  readonly validationsDelivered = new Set<string>();
  batches = 0;
  duplicates = 0;
  unattributed = 0;
  refused = 0;
  late = 0;
  fraudVotes = 0;
  validationsDuplicate = 0;
  /** Set at the end of validation. */
  verdict: 'open' | 'completed' | 'missed' = 'open';
  readonly #nonces = new Map<number, { readonly dist: number; readonly nodeId: string }>();
  readonly #generated: Window = { openedAtMs: null, closedAtMs: null };
  readonly #validated: Window = { openedAtMs: null, closedAtMs: null };
  constructor(stages: EpochStagesAnswer, pocStartHash: string) {
    this.stages = stages;
    this.pocStartHash = pocStartHash;
  }

  /** The chain counts each nonce of the participant once. */
  takeGenerated(nodeId: string, batch: ProofBatch): void {
    this.batches += 1;
    for (const [position, nonce] of batch.nonces.entries()) {
      if (this.#nonces.has(nonce)) this.duplicates += 1;
      else this.#nonces.set(nonce, { dist: batch.dist[position] ?? 0, nodeId });
    }
  }

  takeValidated(publicKey: string, isFraud: boolean): void {
    if (this.validationsDelivered.has(publicKey)) this.validationsDuplicate += 1;
    this.validationsDelivered.add(publicKey);
    if (isFraud) this.fraudVotes += 1;
  }

  noncesOf(nodeId?: string): number {
    if (nodeId === undefined) return this.#nonces.size;
    return [...this.#nonces.values()].filter((nonce) => nonce.nodeId === nodeId).length;
  }

  /** Everything that the participant has on chain, as others would validate it. */
  ownBatch(): Pick<ProofBatch, 'nonces' | 'dist'> {
    const nonces = [...this.#nonces.keys()].toSorted((one, other) => one - other);
    return { nonces, dist: nonces.map((nonce) => this.#nonces.get(nonce)?.dist ?? 0) };
  }

  isWindowOpen(kind: 'generated' | 'validated', height: number): boolean {
    const { start, end } = this.#span(kind);
    return height >= start && height <= end;
  }

  /** Notes when windows open and close, and judges the epoch when its validation is over. */
  onHeight(height: number, nowMs: number): void {
    this.#note(this.#generated, 'generated', height, nowMs);
    this.#note(this.#validated, 'validated', height, nowMs);
    if (this.verdict !== 'open' || height < this.stages.poc_validation_end) return;
    const isValidated =
      this.validationsDue.size > 0 &&
      [...this.validationsDue].every((key) => this.validationsDelivered.has(key));
    this.verdict = this.#nonces.size > 0 && isValidated ? 'completed' : 'missed';
  }

  toJSON(): Record<string, unknown> {
    return {
      epochIndex: this.stages.epoch_index,
      pocStartHeight: this.stages.poc_start,
      verdict: this.verdict,
      nodesDispatched: [...this.nodesDispatched],
      noncesAccepted: this.#nonces.size,
      noncesDuplicate: this.duplicates,
      batches: this.batches,
      unattributed: this.unattributed,
      validationsDue: this.validationsDue.size,
      validationsRequested: this.validationsRequested.size,
      validationsDelivered: this.validationsDelivered.size,
      validationsDuplicate: this.validationsDuplicate,
      fraudVotes: this.fraudVotes,
      refused: this.refused,
      late: this.late,
      windows: { generated: { ...this.#generated }, validated: { ...this.#validated } },
    };
  }

  #span(kind: 'generated' | 'validated'): { start: number; end: number } {
    return kind === 'generated'
      ? this.stages.poc_exchange_window
      : this.stages.poc_validation_exchange_window;
  }

  #note(window: Window, kind: 'generated' | 'validated', height: number, nowMs: number): void {
    if (height >= this.#span(kind).start) window.openedAtMs ??= nowMs;
    if (height > this.#span(kind).end) window.closedAtMs ??= nowMs;
  }
}
