/** What the gateway owes (`must`) and what it aims at. */
export interface Bound {
  readonly sense: 'atLeast' | 'atMost';
  readonly must: number;
  readonly goal?: number;
}

/** By figure of the JSON line, with everything on, one core, medians. */
export const bounds: Readonly<Record<string, Bound>> = {
  jsonRatio32: { sense: 'atLeast', must: 0.2, goal: 0.25 },
  jsonRatio256: { sense: 'atLeast', must: 0.2, goal: 0.25 },
  cpuPerEventRatio64: { sense: 'atMost', must: 2.3, goal: 1.8 },
  cpuPerEventRatio500: { sense: 'atMost', must: 1.6, goal: 1.3 },
  ttftOverNginxP50Ms: { sense: 'atMost', must: 0.55, goal: 0.4 },
  rssPer1000StreamsMb: { sense: 'atMost', must: 70, goal: 50 },
  cancelledBeforeHead: { sense: 'atLeast', must: 50 },
  cancelledBeforeFirstToken: { sense: 'atLeast', must: 50 },
  cancelledMidStream: { sense: 'atLeast', must: 50 },
};

const isWithin = (value: number, limit: number, sense: Bound['sense']): boolean =>
  sense === 'atLeast' ? value >= limit : value <= limit;

/** `goal`, `met`, `missed`; undefined for a figure without a bound. */
export function verdictOf(figure: string, value: number): 'goal' | 'met' | 'missed' | undefined {
  const bound = bounds[figure];
  if (bound === undefined) return undefined;
  if (!isWithin(value, bound.must, bound.sense)) return 'missed';
  return bound.goal !== undefined && isWithin(value, bound.goal, bound.sense) ? 'goal' : 'met';
}
