import type { Setting } from './setting.ts';

const inference = { area: 'Inference', state: 'honoured' } as const;

/** Further back ends of inference, how models find them, and how long they may take. */
export const upstreamSettings: readonly Setting[] = [
  {
    ...inference,
    name: 'HYPERBOLIC_STREAM',
    describe:
      'always: answers are streamed from there even for plain callers and put together here, so that no front cuts a long one; asAsked: as the caller asks.',
    example: 'always',
    default: 'always',
  },
  {
    ...inference,
    name: 'HYPERBOLIC_REQUESTS_PER_MINUTE',
    describe: 'Requests of the tier of the key; more wait a few seconds, go elsewhere or are refused.',
    example: '600',
    default: '600',
  },
  ...further('2'),
  ...further('3'),
  {
    ...inference,
    name: 'MODEL_TABLE',
    describe:
      'Further model ids that callers may ask for, comma separated. asked=served: another spelling of the same weights, for everybody; asked~served: other weights, for direct clients (with a token) only, never for the Network Node. @name behind it: at that back end only.',
    example:
      'llama-3.3-70b=meta-llama/Llama-3.3-70B-Instruct,small~meta-llama/Llama-3.1-8B-Instruct@upstream-2',
  },
  {
    ...inference,
    name: 'UPSTREAM_PROBE',
    describe:
      'on: each back end is asked once for a few tokens, to learn whether it takes stream_options, log probabilities and a seed; off: never.',
    example: 'on',
    default: 'on',
  },
  {
    ...inference,
    name: 'UPSTREAM_FALLBACK_PRICE',
    describe:
      'Dollars a million tokens that MAX_DAILY_INFERENCE_SPEND counts where a back end states no price; the cost itself is shown as unknown.',
    example: '4.0',
    default: '4.0',
  },
  limit('UPSTREAM_CONNECT_TIMEOUT', 'a connection to a back end', '10'),
  limit('UPSTREAM_HEADERS_TIMEOUT', "the head of a back end's answer", '120'),
  limit('UPSTREAM_FIRST_TOKEN_TIMEOUT', "the first byte of a back end's answer", '120'),
  limit('UPSTREAM_GAP_TIMEOUT', 'the pause between two pieces of an answer', '90'),
];

function limit(name: string, what: string, seconds: string): Setting {
  return { ...inference, name, describe: `Limit of ${what}, seconds.`, example: seconds, default: seconds };
}

function further(place: '2' | '3'): readonly Setting[] {
  const name = (part: string): string => `UPSTREAM_${place}_${part}`;
  return [
    {
      ...inference,
      name: name('BASE_URL'),
      describe: `Base of a further OpenAI-compatible API, the ${place === '2' ? 'second' : 'third'} in order of preference.`,
      example: 'https://api.example.com/v1',
    },
    {
      ...inference,
      name: name('API_KEY'),
      describe: 'Its key.',
      example: 'your-key',
      required: `when ${name('BASE_URL')} is set`,
      secret: true,
    },
    {
      ...inference,
      name: name('MODEL'),
      describe: 'Id of the model of MLNODE_INFERENCE_MODEL there: the same weights. Unset: the same id.',
      example: 'llama-3.3-70b',
    },
    {
      ...inference,
      name: name('NAME'),
      describe: 'Its name in logs, inspection and MODEL_TABLE.',
      example: `upstream-${place}`,
      default: `upstream-${place}`,
    },
    {
      ...inference,
      name: name('STREAM'),
      describe: 'As HYPERBOLIC_STREAM.',
      example: 'asAsked',
      default: 'asAsked',
    },
    {
      ...inference,
      name: name('STREAM_OPTIONS'),
      describe: 'As HYPERBOLIC_STREAM_OPTIONS.',
      example: 'auto',
      default: 'auto',
    },
    {
      ...inference,
      name: name('REQUESTS_PER_MINUTE'),
      describe: 'As HYPERBOLIC_REQUESTS_PER_MINUTE. Unset: no limit of ours.',
      example: '60',
    },
  ];
}
