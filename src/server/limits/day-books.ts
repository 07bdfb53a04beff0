import { microUsd, type MicroUsd } from '../../units.ts';

/** What was used of the present UTC day. Every method answers from memory. */
export interface DayBooks {
  /** Prompt and completion tokens of one caller. */
  tokens(caller: string): number;
  /** At back ends, by everybody together. */
  spent(): MicroUsd;
  /** Real milliseconds until the next day. */
  leftMs(): number;
}

const dayMs = 86_400_000;

/** Books of a gateway that was given no others: tokens only, forgotten at the end of the process. */
export class DailyTokens implements DayBooks {
  readonly #now: () => number;
  readonly #used = new Map<string, number>();
  #day = -1;
  constructor(now: () => number) {
    this.#now = now;
  }

  spend(caller: string, tokens: number): void {
    this.#used.set(caller, this.tokens(caller) + tokens);
  }

  tokens(caller: string): number {
    const day = Math.floor(this.#now() / dayMs);
    if (day !== this.#day) {
      this.#day = day;
      this.#used.clear();
    }
    return this.#used.get(caller) ?? 0;
  }

  spent(): MicroUsd {
    return microUsd(0);
  }

  leftMs(): number {
    return dayMs - (this.#now() % dayMs);
  }
}
