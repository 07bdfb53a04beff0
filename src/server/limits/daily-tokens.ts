const dayMs = 86_400_000;

/**
 * Tokens of one caller in one UTC day. Known after each answer, so the request that passes the cap is still
 * answered and the next one is not. Kept in memory: a restart begins the day anew.
 */
export class DailyTokens {
  readonly #cap: number;
  #day = -1;
  #used = 0;
  constructor(cap: number) {
    this.#cap = cap;
  }

  spend(tokens: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#used += tokens;
  }

  /** 0 while some of the day's tokens are left; else milliseconds until the next day. */
  waitMs(nowMs: number): number {
    this.#turn(nowMs);
    return this.#used < this.#cap ? 0 : dayMs - (nowMs % dayMs);
  }

  used(nowMs: number): number {
    this.#turn(nowMs);
    return this.#used;
  }

  #turn(nowMs: number): void {
    const day = Math.floor(nowMs / dayMs);
    if (day === this.#day) return;
    this.#day = day;
    this.#used = 0;
  }
}
