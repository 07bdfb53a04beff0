import type { BackEndConfig } from './config.ts';
import type { Values } from './schema.ts';

/** Hyperbolic first, then the further ones that have a base URL. */
export function backEnds(values: Values): readonly BackEndConfig[] {
  const model = values.MLNODE_INFERENCE_MODEL;
  return [
    {
      name: 'hyperbolic',
      api: 'hyperbolic',
      baseUrl: values.HYPERBOLIC_BASE_URL,
      apiKey: values.HYPERBOLIC_API_KEY,
      model: values.HYPERBOLIC_MODEL ?? model,
      stream: values.HYPERBOLIC_STREAM,
      streamOptions: values.HYPERBOLIC_STREAM_OPTIONS,
      requestsPerMinute: values.HYPERBOLIC_REQUESTS_PER_MINUTE,
    },
    ...further(model, {
      name: values.UPSTREAM_2_NAME,
      baseUrl: values.UPSTREAM_2_BASE_URL,
      apiKey: values.UPSTREAM_2_API_KEY,
      model: values.UPSTREAM_2_MODEL,
      stream: values.UPSTREAM_2_STREAM,
      streamOptions: values.UPSTREAM_2_STREAM_OPTIONS,
      requestsPerMinute: values.UPSTREAM_2_REQUESTS_PER_MINUTE,
    }),
    ...further(model, {
      name: values.UPSTREAM_3_NAME,
      baseUrl: values.UPSTREAM_3_BASE_URL,
      apiKey: values.UPSTREAM_3_API_KEY,
      model: values.UPSTREAM_3_MODEL,
      stream: values.UPSTREAM_3_STREAM,
      streamOptions: values.UPSTREAM_3_STREAM_OPTIONS,
      requestsPerMinute: values.UPSTREAM_3_REQUESTS_PER_MINUTE,
    }),
  ];
}

type Given = Pick<BackEndConfig, 'name' | 'stream' | 'streamOptions'> & {
  readonly [Field in 'baseUrl' | 'apiKey' | 'model' | 'requestsPerMinute']: BackEndConfig[Field] | undefined;
};

function further(
  expected: string,
  { baseUrl, apiKey, model, requestsPerMinute, ...rest }: Given,
): readonly BackEndConfig[] {
  if (baseUrl === undefined || apiKey === undefined) return [];
  return [
    {
      ...rest,
      api: 'openai',
      baseUrl,
      apiKey,
      model: model ?? expected,
      ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    },
  ];
}
