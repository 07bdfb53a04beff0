/**
 * The nonces of one GPU group in order: `(node_id + g·node_count) + x·(G·node_count)` for x = 0, 1, 2 …
 * (docs/reference/protocol.md "Partition of nonces").
 */
export class NonceIterator {
  readonly #step: number;
  #next: number;
  constructor(options: { nodeId: number; nodeCount: number; group: number; groupCount: number }) {
    this.#next = options.nodeId + options.group * options.nodeCount;
    this.#step = options.groupCount * options.nodeCount;
  }
  take(count: number): number[] {
    return Array.from({ length: count }, () => {
      const nonce = this.#next;
      this.#next += this.#step;
      return nonce;
    });
  }
}
