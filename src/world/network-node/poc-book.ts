import type { PocSpan } from './poc-span.ts';
import { StoredNonces } from './stored-nonces.ts';

/** When one kind of callback was taken, world ms; null = not yet. */
interface Window {
  openedAtMs: number | null;
  closedAtMs: number | null;
}

/** How a regular PoC came out for the participant. */
export type PocVerdict = 'open' | 'completed' | 'missed' | 'preserved';

/** One PoC, regular or confirmation, in the Network Node's own account. */
export class PocBook {
  readonly span: PocSpan;
  /** What came in `generated` callbacks. */
  readonly nonces: StoredNonces;
  readonly nodesDispatched = new Set<string>();
  /** Nodes that keep serving inference through it. */
  readonly preservedNodes = new Set<string>();
  /** Participants whose batches have to be validated, by public key. */
  readonly validationsDue = new Set<string>();
  readonly validationsRequested = new Set<string>();
  readonly validationsDelivered = new Set<string>();
  unattributed = 0;
  /** Nonces that were not of the class assigned to their node; v1 takes them all the same. */
  outOfClass = 0;
  refused = 0;
  late = 0;
  fraudVotes = 0;
  validationsDuplicate = 0;
  /** Why validators reject it; undefined = they do not. */
  objection: string | undefined;
  /** Set at its end. */
  verdict: PocVerdict = 'open';
  readonly #generated: Window = { openedAtMs: null, closedAtMs: null };
  readonly #validated: Window = { openedAtMs: null, closedAtMs: null };
  constructor(span: PocSpan, nonces: StoredNonces) {
    this.span = span;
    this.nonces = nonces;
  }

  takeValidated(publicKey: string, isFraud: boolean): void {
    if (this.validationsDelivered.has(publicKey)) this.validationsDuplicate += 1;
    this.validationsDelivered.add(publicKey);
    if (isFraud) this.fraudVotes += 1;
  }

  isWindowOpen(kind: 'generated' | 'validated', height: number): boolean {
    const { start, end } = this.span[kind];
    return height >= start && height <= end;
  }

  isOver(height: number): boolean {
    return height >= this.span.endHeight;
  }

  get isValidated(): boolean {
    return (
      this.validationsDue.size > 0 &&
      [...this.validationsDue].every((key) => this.validationsDelivered.has(key))
    );
  }

  /** Notes when windows open and close, and what was committed by then. */
  onHeight(height: number, nowMs: number): void {
    this.#note(this.#generated, 'generated', height, nowMs);
    this.#note(this.#validated, 'validated', height, nowMs);
    const { openedAtMs } = this.#generated;
    if (openedAtMs === null) return;
    if (height >= this.span.earlyHeight) this.nonces.takeSnapshot('early', openedAtMs, nowMs);
    // A commitment that is sent after this block could only be in one that comes too late.
    if (height >= this.span.generated.end) this.nonces.takeSnapshot('final', openedAtMs, nowMs);
  }

  toJSON(): Record<string, unknown> {
    const { span, nonces } = this;
    return {
      epochIndex: span.epochIndex,
      pocStartHeight: span.pocStartHeight,
      stageHeight: span.stageHeight,
      nodesDispatched: [...this.nodesDispatched],
      noncesAccepted: nonces.count,
      noncesDuplicate: nonces.duplicates,
      noncesOutOfClass: this.outOfClass,
      ...nonces.commitments(),
      ...(this.objection === undefined ? {} : { objection: this.objection }),
      batches: nonces.batches,
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

  #note(window: Window, kind: 'generated' | 'validated', height: number, nowMs: number): void {
    const { start, end } = this.span[kind];
    if (height >= start) window.openedAtMs ??= nowMs;
    if (height > end) window.closedAtMs ??= nowMs;
  }
}
