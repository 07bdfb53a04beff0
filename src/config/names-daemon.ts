import type { Setting } from './setting.ts';

const listeners = { area: 'Node and listeners', state: 'honoured' } as const;
const gonka = { area: 'Gonka', state: 'honoured' } as const;
const inference = { area: 'Inference', state: 'honoured' } as const;
const house = { area: 'Store, inspection, log', state: 'honoured' } as const;
const sandbox = { area: 'Sandbox', state: 'honoured' } as const;

/** Settings of the daemon itself and of what it talks to, rented machines aside. */
export const daemonSettings: readonly Setting[] = [
  {
    ...listeners,
    name: 'MLNODE_ID',
    describe: 'Id under which the Network Node knows this node, once and for ever.',
    example: 'hybrid-mlnode-1',
    default: 'hybrid-mlnode-1',
  },
  { ...listeners, name: 'NODE_ID', aliasOf: 'MLNODE_ID', describe: 'Other spelling of MLNODE_ID.' },
  {
    ...listeners,
    name: 'VPS_IP',
    describe: 'Address of this host as the Network Node reaches it: a bare name or IP, never a URL.',
    example: '10.0.0.21',
    required: 'unless REGISTRATION=off',
  },
  {
    ...listeners,
    name: 'REGISTRATION',
    describe: 'on: keep the node definition in the admin API as configured; off: never touch it.',
    example: 'on',
    default: 'on',
  },
  {
    ...listeners,
    name: 'GATEWAY_HOST',
    describe: 'Address on which the gateway listens.',
    example: '0.0.0.0',
    default: '0.0.0.0',
  },
  {
    ...listeners,
    name: 'HYPERBOLIC_PROXY_PORT',
    describe: 'Port of the gateway (management API, and inference unless INFERENCE_PORT is set).',
    example: '8080',
    default: '8080',
  },
  {
    ...listeners,
    name: 'PROXY_PORT',
    aliasOf: 'HYPERBOLIC_PROXY_PORT',
    describe: 'Other spelling of HYPERBOLIC_PROXY_PORT.',
  },
  {
    ...listeners,
    name: 'INFERENCE_PORT',
    describe: 'Port of a listener of its own for inference, as the official ML node has it.',
    example: '5050',
  },
  {
    ...listeners,
    name: 'POC_SEGMENT',
    describe:
      'Path segment registered for the management API: empty, as the official node has it, or /api/v1.',
    example: '/api/v1',
  },
  {
    ...listeners,
    name: 'INFERENCE_SEGMENT',
    describe: 'Path segment registered for inference: empty, as the official node has it, or /v1.',
    example: '/v1',
  },
  {
    ...listeners,
    name: 'HARDWARE_TYPE',
    describe: 'Hardware text registered for the node. No device is ever reported that is not there.',
    example: 'Hyperbolic-API',
    default: 'Hyperbolic-API',
  },
  {
    ...listeners,
    name: 'HARDWARE_COUNT',
    describe: 'Count registered beside HARDWARE_TYPE.',
    example: '1',
    default: '1',
  },
  {
    ...listeners,
    name: 'MLNODE_MAX_CONCURRENT',
    describe: 'Requests at a time that the node registers for; more are answered 503.',
    example: '100',
    default: '100',
  },
  {
    ...gonka,
    name: 'GONKA_NETWORK_NODE_URL',
    describe: 'Sources of epochs/latest, comma separated, in order of preference.',
    example: 'http://127.0.0.1:8000',
    default:
      'http://node1.gonka.ai:8000,http://node2.gonka.ai:8000,https://node3.gonka.ai,https://node4.gonka.ai',
  },
  {
    ...gonka,
    name: 'GONKA_API_TIMEOUT',
    describe: 'Limit of one question to a chain source, seconds.',
    example: '10',
    default: '10',
  },
  {
    ...gonka,
    name: 'GONKA_HOST_ADDRESS',
    describe:
      "The host's own account on the chain. When set, the daemon asks whether the chain knows it, and alerts when not; nothing waits for that.",
    example: 'gonka1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq',
  },
  {
    ...gonka,
    name: 'GONKA_ADMIN_API_URL',
    describe: "Private admin API of the host's own Network Node.",
    example: 'http://localhost:9200',
    default: 'http://localhost:9200',
  },
  {
    ...gonka,
    name: 'GONKA_ADMIN_API',
    aliasOf: 'GONKA_ADMIN_API_URL',
    describe: 'Other spelling of GONKA_ADMIN_API_URL.',
  },
  {
    ...gonka,
    name: 'GONKA_CALLBACK_URL',
    describe:
      "Origin of the Network Node's callback server as this host reaches it. Unset: the origin in each call's url.",
    example: 'http://10.0.0.20:9100',
  },
  {
    ...inference,
    name: 'HYPERBOLIC_API_KEY',
    describe: 'Key of the inference API.',
    example: 'your-key',
    required: 'always',
    secret: true,
  },
  {
    ...inference,
    name: 'HYPERBOLIC_BASE_URL',
    describe: 'Base of an OpenAI-compatible API, with or without /v1.',
    example: 'https://api.hyperbolic.xyz/v1',
    default: 'https://api.hyperbolic.xyz',
  },
  {
    ...inference,
    name: 'MLNODE_INFERENCE_MODEL',
    describe: 'Governance model id that the node presents. Must be one that the inference API really serves.',
    example: 'meta-llama/Llama-3.3-70B-Instruct',
    default: 'meta-llama/Llama-3.3-70B-Instruct',
  },
  {
    ...inference,
    name: 'HYPERBOLIC_MODEL',
    aliasOf: 'MLNODE_INFERENCE_MODEL',
    describe: 'Id of the same model at the inference API; alone, it stands for MLNODE_INFERENCE_MODEL too.',
    example: 'meta-llama/Llama-3.3-70B-Instruct',
  },
  {
    name: 'MLNODE_MODEL',
    area: 'Inference',
    state: 'deprecated',
    aliasOf: 'MLNODE_INFERENCE_MODEL',
    successor: 'MLNODE_INFERENCE_MODEL',
    describe: 'Former name of the inference model.',
  },
  {
    name: 'MODEL_NAME',
    area: 'Inference',
    state: 'deprecated',
    aliasOf: 'MLNODE_INFERENCE_MODEL',
    successor: 'MLNODE_INFERENCE_MODEL',
    describe: 'Former name of the inference model.',
  },
  {
    ...inference,
    name: 'HYPERBOLIC_STREAM_OPTIONS',
    describe:
      'Whether the inference API is sent stream_options, which brings the usage of a stream: on, off, or auto, as the probe of UPSTREAM_PROBE finds.',
    example: 'auto',
    default: 'auto',
  },
  {
    ...inference,
    name: 'INFERENCE_FORWARD_TIMEOUT',
    describe: 'Limit of one forwarded inference request, seconds.',
    example: '300',
    default: '300',
  },
  {
    ...house,
    name: 'STATE_DIR',
    describe:
      'Directory of the store and its lock. Unset: ~/.local/state/hybrid-mlnode, without a home ./.state.',
    example: '/var/lib/hybrid-mlnode',
  },
  {
    ...house,
    name: 'DEPLOYMENT_ID',
    describe: 'Name in the labels of the machines that belong to this store; made on the first start.',
    example: 'ghm-3f9a1c',
  },
  {
    ...house,
    name: 'INSPECTION_HOST',
    describe: 'Address of the inspection listener.',
    example: '127.0.0.1',
    default: '127.0.0.1',
  },
  {
    ...house,
    name: 'INSPECTION_PORT',
    describe: 'Port of the inspection listener.',
    example: '9220',
    default: '9220',
  },
  {
    ...house,
    name: 'INSPECTION_TOKEN',
    describe: 'Bearer token of the inspection listener.',
    example: 'a-long-random-text',
    required: 'when INSPECTION_HOST is not loopback',
    secret: true,
  },
  {
    ...house,
    name: 'LOG_LEVEL',
    describe: 'trace, debug, info, warn, error, fatal or silent.',
    example: 'info',
    default: 'info',
  },
  {
    ...sandbox,
    name: 'TIME_SCALE',
    describe: 'Speed of the clock. Other than 1 only when chain, Vast.ai and admin API are all on loopback.',
    example: '60',
    default: '1',
  },
  {
    ...sandbox,
    name: 'TIME_ORIGIN_MS',
    describe: 'Unix milliseconds at which scaled and real time agree, the same for every process.',
    example: '1767225600000',
    required: 'when TIME_SCALE is not 1',
  },
];
