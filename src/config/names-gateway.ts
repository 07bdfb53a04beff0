import type { Setting } from './setting.ts';

const access = { area: 'Access and limits', state: 'honoured' } as const;

/** Who may call the gateway, and how much. None of it stands before a poll or a PoC call of the Network Node. */
export const gatewaySettings: readonly Setting[] = [
  {
    ...access,
    name: 'ALLOW_FROM',
    describe:
      'Addresses that may call the gateway without a token, comma separated: addresses, CIDR ranges, loopback, private (RFC 1918 and its IPv6 likes), any. The hosts of GONKA_ADMIN_API_URL and GONKA_CALLBACK_URL are always allowed.',
    example: 'loopback,203.0.113.7,10.0.0.0/8',
    default: 'loopback,private',
  },
  {
    ...access,
    name: 'ALLOW_MANAGEMENT_FROM',
    describe:
      'The same for the management API (state, stop, inference/up and down, pow, models, gpu, train). Unset: as ALLOW_FROM.',
    example: '10.0.0.20',
  },
  {
    ...access,
    name: 'GATEWAY_TOKENS',
    describe:
      'Callers with a bearer token, name:token, comma separated; a token is 16 characters or longer. It opens inference to callers from any address, and rate and daily tokens are counted by its name.',
    example: 'alice:a-long-random-text,bob:another-random-text',
    secret: true,
  },
  {
    ...access,
    name: 'GATEWAY_MANAGEMENT_CALLERS',
    describe:
      'Names in GATEWAY_TOKENS whose token opens the management API too, comma separated. Unset: none.',
    example: 'alice',
  },
  {
    ...access,
    name: 'CALLER_REQUESTS_PER_MINUTE',
    describe:
      'Inference requests a minute of each caller with a token; more are answered 429. Unset: no limit. Callers without a token are not counted.',
    example: '60',
  },
  {
    ...access,
    name: 'CALLER_TOKENS_PER_DAY',
    describe:
      'Prompt and completion tokens in a UTC day of each caller with a token; beyond it 429. Unset: no limit.',
    example: '1000000',
  },
  {
    ...access,
    name: 'INFERENCE_MAX_BODY',
    describe: 'Largest body of an inference request, MB; more is answered 413.',
    example: '16',
    default: '16',
  },
];
