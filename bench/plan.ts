/** How long and how often is measured. Times in real milliseconds. */
export interface Plan {
  readonly isQuick: boolean;
  readonly rounds: number;
  /** Of the gateway with plain JSON; V8 compiles for some seconds. */
  readonly warmUpMs: number;
  /** Of one window of plain JSON. */
  readonly windowMs: number;
  /** Streams that each caller reads in one window, about a second each. */
  readonly streamsPerCaller: number;
  /** How long 1 000 streams are open before and while memory is read. */
  readonly memorySettleMs: number;
  readonly memoryReadMs: number;
}

const full: Plan = {
  isQuick: false,
  rounds: 5,
  warmUpMs: 6_000,
  windowMs: 2_000,
  streamsPerCaller: 3,
  memorySettleMs: 3_000,
  memoryReadMs: 1_500,
};

/** Noisier, in less than 50 s. */
const quick: Plan = {
  isQuick: true,
  rounds: 2,
  warmUpMs: 4_500,
  windowMs: 300,
  streamsPerCaller: 1,
  memorySettleMs: 800,
  memoryReadMs: 500,
};

/** `rounds` overrules the plan's own. */
export function planOf(isQuick: boolean, rounds: number | undefined): Plan {
  const plan = isQuick ? quick : full;
  return { ...plan, rounds: rounds ?? plan.rounds };
}
