/** A small seeded generator (mulberry32): a seed and a commit reproduce every draw of the world. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }
  chance(probability: number): boolean {
    return this.next() < probability;
  }
  /** Standard normal (Box–Muller). */
  normal(): number {
    const u = 1 - this.next();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.next());
  }
  /** Lognormal by its median and its 95th percentile, the form in which docs/reference/vast.md states delays. */
  lognormal(median: number, p95: number): number {
    return median * Math.exp((Math.log(p95 / median) / 1.6449) * this.normal());
  }
  /** A generator of its own, so that one neighbour's draws never shift another's. */
  fork(salt: number): Random {
    return new Random(Math.imul(this.#state ^ salt, 0x9e3779b1));
  }
}
