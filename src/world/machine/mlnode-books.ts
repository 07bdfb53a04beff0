import { hash } from 'node:crypto';
import { callbackHash } from '../callback-hash.ts';

export type CallbackKind = 'generated' | 'validated';

/** One callback body over all its posts. */
export interface CallbackEntry {
  readonly kind: CallbackKind;
  /** SHA-256 (hex) of the exact body. */
  readonly hash: string;
  /** `callbackHash` of the body: equal at the Network Node although the relay restored `node_id`. */
  readonly looseHash: string;
  readonly noncesCount: number;
  /** World time of the first post, and how often it was posted. */
  postedAt: number | null;
  posts: number;
  /** Status of the last answer; `null` before any. */
  answered: number | null;
  /** World time of the first 2xx. */
  ackedAt: number | null;
}

/** The account of one PoC, by the `block_height` of its init requests. */
export class PocAccount {
  readonly blockHeight: number;
  readonly computed = new Set<number>();
  readonly posted = new Set<number>();
  readonly callbacks: CallbackEntry[] = [];
  readonly #initBodies = new Set<string>();
  modelLoads = 0;
  validationsQueued = 0;
  validationsDone = 0;
  constructor(blockHeight: number) {
    this.blockHeight = blockHeight;
  }
  sawInit(request: object): void {
    this.#initBodies.add(JSON.stringify(request));
  }
  openCallback(kind: CallbackKind, body: string, noncesCount: number): CallbackEntry {
    const entry: CallbackEntry = {
      kind,
      hash: hash('sha256', body, 'hex'),
      looseHash: callbackHash(body),
      noncesCount,
      postedAt: null,
      posts: 0,
      answered: null,
      ackedAt: null,
    };
    this.callbacks.push(entry);
    return entry;
  }
  toJson(): Record<string, unknown> {
    return {
      blockHeight: this.blockHeight,
      modelLoads: this.modelLoads,
      initBodies: this.#initBodies.size,
      noncesComputed: this.computed.size,
      nonces: [...this.computed],
      noncesPosted: this.posted.size,
      postedNonces: [...this.posted],
      validationsQueued: this.validationsQueued,
      validationsDone: this.validationsDone,
      callbacks: this.callbacks,
    };
  }
}

/** What one machine did in each PoC, the source of `noncesProduced` and `noncesSent`. */
export class MlnodeBooks {
  readonly #accounts = new Map<number, PocAccount>();
  account(blockHeight: number): PocAccount {
    const known = this.#accounts.get(blockHeight) ?? new PocAccount(blockHeight);
    this.#accounts.set(blockHeight, known);
    return known;
  }
  toJson(): readonly Record<string, unknown>[] {
    return [...this.#accounts.values()].map((account) => account.toJson());
  }
}
