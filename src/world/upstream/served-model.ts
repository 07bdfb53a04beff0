/** One row of `GET /v1/models` (docs/reference/upstream.md "Models"); prices in dollars per million tokens. */
export interface ServedModel {
  readonly id: string;
  readonly contextLength: number;
  readonly inputUsdPerMillion: number;
  readonly outputUsdPerMillion: number;
  readonly supportsTools: boolean;
}

const model = (
  id: string,
  contextLength: number,
  usdPerMillion: number,
  supportsTools = false,
): ServedModel => ({
  id,
  contextLength,
  inputUsdPerMillion: usdPerMillion,
  outputUsdPerMillion: usdPerMillion,
  supportsTools,
});

/** What Hyperbolic listed on 2026-10-07. */
export const hyperbolicModels: readonly ServedModel[] = [
  model('deepseek-ai/DeepSeek-V3-0324', 163_840, 1.25),
  model('meta-llama/Llama-3.3-70B-Instruct', 131_072, 0.4),
  model('deepseek-ai/DeepSeek-R1', 163_840, 2),
  model('deepseek-ai/DeepSeek-R1-0528', 163_840, 3),
  model('Qwen/Qwen3-Coder-480B-A35B-Instruct', 262_144, 2, true),
];

/** The wire form of one row; `created` is the time of the call there, in seconds. */
export function modelRow(served: ServedModel, nowSeconds: number): Record<string, unknown> {
  return {
    id: served.id,
    created: nowSeconds,
    object: 'model',
    owned_by: 'Hyperbolic',
    number_of_inference_nodes: null,
    supports_chat: true,
    supports_image_input: false,
    supports_tools: served.supportsTools,
    context_length: served.contextLength,
    input_price: served.inputUsdPerMillion,
    output_price: served.outputUsdPerMillion,
  };
}
