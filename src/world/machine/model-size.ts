/** GB of weights of models whose names do not tell (docs/reference/protocol.md "Models and minimum hardware"). */
const knownGb: readonly (readonly [RegExp, number])[] = [
  [/MiniMax-M2/i, 230],
  [/Kimi-K2/i, 595],
  [/DeepSeek-V4-Flash/i, 160],
  [/GLM-5/i, 400],
];

/** GB of a model's weights, by the table or by the billions of parameters and the quantisation in its name. */
export function modelGb(id: string): number {
  const known = knownGb.find(([name]) => name.test(id))?.[1];
  if (known !== undefined) return known;
  const billions = Number(/(\d+(?:\.\d+)?)B(?![a-z])/i.exec(id)?.[1] ?? 8);
  const bytes = /fp8|w8a8|int8/i.test(id) ? 1 : /int4|fp4|awq|gptq|4bit/i.test(id) ? 0.5 : 2;
  return Math.round(billions * bytes * 1.03 * 10) / 10;
}

/** MB of GPU memory below which vLLM ends with an out-of-memory error; a tenth beyond the weights is an assumption. */
export const modelRamMb = (gb: number): number => gb * 1.1 * 1_024;

/**
 * World milliseconds until vLLM is healthy with weights that are on disk. An assumption that gives MiniMax-M2.7 the
 * ten to twenty minutes which operators report.
 */
export const modelLoadMedianMs = (gb: number): number => 120_000 + gb * 2_500;
