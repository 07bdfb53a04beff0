import { Random } from '../random.ts';
import type { PocSpan } from './poc-span.ts';

export interface PreservedTerms {
  /** Probability that one node is among them. */
  readonly share: number;
  readonly isKnown: 'known' | 'drawn';
}

/** Which nodes keep serving inference through a PoC (docs/reference/protocol.md "Preserved nodes"). */
export class PreservedNodes {
  readonly #terms: PreservedTerms | undefined;
  readonly #random: Random;
  /** Those of the next regular PoC, once they are known. */
  #next: ReadonlySet<string> | undefined;
  constructor(terms: PreservedTerms | undefined, seed: number) {
    this.#terms = terms;
    this.#random = new Random(seed).fork(91);
  }

  /** At `set_new_validators`, where the time slots of the new epoch are allocated. */
  allocate(nodeIds: readonly string[]): void {
    this.#next = this.#terms?.isKnown === 'known' ? this.#draw(nodeIds) : undefined;
  }

  /** Whether the admin API shows the node as one that the next PoC leaves in service. */
  isAllocated(nodeId: string): boolean {
    return this.#next?.has(nodeId) ?? false;
  }

  of(span: PocSpan, nodeIds: readonly string[]): ReadonlySet<string> {
    if (this.#terms === undefined) return new Set();
    if (this.#terms.isKnown === 'drawn') return this.#draw(nodeIds);
    return span.kind === 'regular' ? (this.#next ?? new Set()) : new Set();
  }

  #draw(nodeIds: readonly string[]): ReadonlySet<string> {
    const share = this.#terms?.share ?? 0;
    return new Set(nodeIds.filter(() => this.#random.chance(share)));
  }
}
