import type { Plan } from '../live/model.ts';

/** One stretch of the time line between two heights of the plan. */
export interface Stretch {
  readonly key: 'before' | 'lead' | 'generate' | 'exchange' | 'validate' | 'hold' | 'after';
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

export interface BlockScale {
  readonly stretches: readonly Stretch[];
  /** Share of the width, 0 to 1; what lies outside stands at the edge. */
  at(height: number): number;
}

const heights = [
  'approachHeight',
  'rentHeight',
  'pocStartHeight',
  'tooLateHeight',
  'generationEndHeight',
  'exchangeEndHeight',
  'validationEndHeight',
  'holdUntilHeight',
] as const;

/** A plan that has every height; one of another version may lack some, and is not drawn. */
export const planOf = (plan: Readonly<Record<string, unknown>> | null): Plan | null =>
  plan !== null && heights.every((name) => typeof plan[name] === 'number') ? (plan as unknown as Plan) : null;

/** Blocks shown before the approach and behind the end. */
const marginBlocks = 40;

/**
 * The stretches of one PoC side by side. A hold may be a hundred times as long as the PoC: widths grow with the root of
 * the length, and each stretch says how long it is.
 */
export function blockScale(plan: Plan): BlockScale {
  const { approachHeight, rentHeight, pocStartHeight, generationEndHeight, exchangeEndHeight } = plan;
  const { validationEndHeight, holdUntilHeight } = plan;
  const from = Math.max(0, Math.min(approachHeight, rentHeight - marginBlocks));
  const end = Math.max(validationEndHeight, holdUntilHeight);
  const ends: readonly (readonly [Stretch['key'], string, number])[] = [
    ['before', 'waiting', rentHeight],
    ['lead', 'rent and boot', pocStartHeight],
    ['generate', 'generate', generationEndHeight],
    ['exchange', 'exchange', exchangeEndHeight],
    ['validate', 'validate', validationEndHeight],
    ['hold', 'hold', holdUntilHeight],
    ['after', 'back', end + marginBlocks],
  ];
  const stretches: Stretch[] = [];
  let begin = from;
  for (const [key, label, to] of ends) {
    if (to <= begin) continue;
    stretches.push({ key, label, from: begin, to });
    begin = to;
  }
  const weights = stretches.map((stretch) => Math.sqrt(stretch.to - stretch.from));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const starts = weights.map(
    (_, place) => weights.slice(0, place).reduce((sum, weight) => sum + weight, 0) / total,
  );
  return {
    stretches,
    at: (height) => {
      if (height <= from) return 0;
      const place = stretches.findIndex(({ to }) => height <= to);
      const stretch = stretches[place];
      if (stretch === undefined) return 1;
      const inside = (height - stretch.from) / (stretch.to - stretch.from);
      return (starts[place] ?? 0) + (inside * (weights[place] ?? 0)) / total;
    },
  };
}
