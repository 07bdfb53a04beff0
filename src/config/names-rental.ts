import type { Setting } from './setting.ts';

const vast = { area: 'Vast.ai', state: 'honoured' } as const;
const machine = { area: 'Rented machine', state: 'honoured' } as const;
const rental = { area: 'Rental and money', state: 'honoured' } as const;

/** Settings of renting: which machine, what runs on it, when, and for how much. */
export const rentalSettings: readonly Setting[] = [
  {
    ...vast,
    name: 'VASTAI_API_KEY',
    describe: 'Key of the Vast.ai account that pays for the machines.',
    example: 'your-key',
    required: 'unless RENTAL_POLICY=off',
    secret: true,
  },
  {
    ...vast,
    name: 'VASTAI_SSH_KEY_PATH',
    describe: 'Private key (ed25519 or RSA, no passphrase) with which the daemon enters its machines.',
    example: '~/.ssh/id_ed25519',
    required: 'unless RENTAL_POLICY=off',
  },
  {
    ...vast,
    name: 'VASTAI_BASE_URL',
    describe: 'Base of the Vast.ai API.',
    example: 'https://console.vast.ai',
    default: 'https://console.vast.ai',
  },
  {
    ...vast,
    name: 'VASTAI_GPU_TYPE',
    describe: 'GPU names, comma separated, underscores for spaces; ANY for every one.',
    example: 'RTX_4090,L40S',
    default: 'ANY',
  },
  {
    ...vast,
    name: 'VASTAI_NUM_GPUS',
    describe: 'Exact number of GPUs of a machine. Unset: as many as it has.',
    example: '2',
  },
  {
    ...vast,
    name: 'VASTAI_MIN_VRAM',
    describe: 'Memory of one GPU at least, GB.',
    example: '24',
    default: '24',
  },
  {
    ...vast,
    name: 'VASTAI_MIN_TOTAL_VRAM',
    describe: 'Memory of all GPUs of a machine at least, GB. PoC v1 needs 38; less is raised to that.',
    example: '38',
    default: '38',
  },
  {
    ...vast,
    name: 'VASTAI_MAX_PRICE',
    describe: 'Highest price of a machine, dollars an hour, disk included.',
    example: '1.00',
    default: '1.00',
  },
  {
    name: 'MAX_GPU_PRICE',
    area: 'Vast.ai',
    state: 'deprecated',
    aliasOf: 'VASTAI_MAX_PRICE',
    successor: 'VASTAI_MAX_PRICE',
    describe: 'Former name of the highest price.',
  },
  {
    ...vast,
    name: 'VASTAI_DISK_SIZE',
    describe:
      'Disk to rent at least, GB; more where the image and the weights of a model need it. It cannot grow later.',
    example: '50',
    default: '50',
  },
  {
    ...vast,
    name: 'VASTAI_MIN_RELIABILITY',
    describe: "Vast.ai's reliability of a host at least, 0 to 1.",
    example: '0.95',
    default: '0.95',
  },
  {
    ...vast,
    name: 'VASTAI_MIN_INET_DOWN',
    describe: 'Download speed of a machine at least, Mbit/s; it decides how long the image takes.',
    example: '200',
    default: '200',
  },
  {
    ...vast,
    name: 'VASTAI_TEMPLATE_ID',
    describe: 'Hash of a template of your own, sent with each rental.',
    example: '0123456789abcdef0123456789abcdef',
  },
  {
    ...vast,
    name: 'VASTAI_START_RETRIES',
    describe: 'Further machines for one PoC after failed ones; offers that somebody else took do not count.',
    example: '5',
    default: '5',
  },
  {
    ...machine,
    name: 'DOCKER_IMAGE',
    describe: 'Image of the official ML node; pin it by digest.',
    example: 'ghcr.io/product-science/mlnode:3.0.11-post1',
    default:
      'ghcr.io/product-science/mlnode:3.0.11-post1@sha256:0cf224b2f88694def989731ecdd23950a6d899be5d70e01e8dcf823b906199af',
  },
  {
    ...machine,
    name: 'VASTAI_DOCKER_IMAGE',
    aliasOf: 'DOCKER_IMAGE',
    describe: 'Other spelling of DOCKER_IMAGE.',
  },
  {
    ...machine,
    name: 'MLNODE_DOCKER_IMAGE',
    aliasOf: 'DOCKER_IMAGE',
    describe: 'Other spelling of DOCKER_IMAGE.',
  },
  {
    ...machine,
    name: 'MLNODE_PORT',
    describe: "Loopback port of the ML node on the machine. Not 8080, which Vast.ai's proxy publishes.",
    example: '18080',
    default: '18080',
  },
  {
    ...machine,
    name: 'MLNODE_START_COMMAND',
    describe:
      'What starts the ML node on the machine; its --host and --port are appended (unconfirmed: depends on the image).',
    example: 'uvicorn api.app:app',
    default: 'uvicorn api.app:app',
  },
  {
    ...machine,
    name: 'VASTAI_ONSTART_SCRIPT',
    describe: "Shell text run on the machine before the daemon's own start text, at most 1024 bytes.",
    example: 'export HF_HOME=/workspace/cache',
  },
  {
    ...machine,
    name: 'VASTAI_INSTANCE_READY_TIMEOUT',
    describe:
      'Limit from the rental to a running container, seconds. While there is time for another machine, one is given up after twice the usual time of its line already (not with `POC_HEDGES` 0).',
    example: '1800',
    default: '1800',
  },
  {
    ...machine,
    name: 'VASTAI_SSH_READY_TIMEOUT',
    describe:
      'Limit from the running container to a working SSH connection, seconds. While there is time for another machine, one is given up after three minutes already (not with `POC_HEDGES` 0).',
    example: '900',
    default: '900',
  },
  {
    ...machine,
    name: 'VASTAI_SSH_AUTH_GRACE',
    describe:
      'How long a machine that answers SSH may still refuse the key, seconds; within `VASTAI_SSH_READY_TIMEOUT`.',
    example: '300',
    default: '300',
  },
  {
    ...machine,
    name: 'MLNODE_STARTUP_TIMEOUT',
    describe: 'Limit from SSH to an ML node that answers, seconds.',
    example: '1800',
    default: '1800',
  },
  {
    name: 'VLLM_STARTUP_TIMEOUT',
    area: 'Rented machine',
    state: 'deprecated',
    aliasOf: 'MLNODE_STARTUP_TIMEOUT',
    successor: 'MLNODE_STARTUP_TIMEOUT',
    describe: 'Former name of the start limit.',
  },
  {
    ...rental,
    name: 'RENTAL_POLICY',
    describe:
      'sprint (until PoC validation ends), epoch (until the next PoC), off, or auto (epoch where the chain runs confirmation PoC, else sprint).',
    example: 'auto',
    default: 'auto',
  },
  {
    ...rental,
    name: 'POC_PREP_TIME',
    describe: 'Lead before PoC at which renting begins, seconds. Unset: computed from measured boot times.',
    example: '1800',
  },
  {
    ...rental,
    name: 'POC_CHECK_INTERVAL',
    describe: 'Pause between looks at the chain while no PoC is near, seconds.',
    example: '300',
    default: '300',
  },
  {
    ...rental,
    name: 'MAX_POC_DURATION',
    describe: 'Longest time that a sprint keeps one machine, seconds.',
    example: '10800',
    default: '10800',
  },
  {
    ...rental,
    name: 'MAX_DAILY_SPEND',
    describe: 'Cap of a UTC day, dollars; a rental is reserved at its worst case before it begins.',
    example: '3.0',
    default: '3.0',
  },
  {
    ...rental,
    name: 'POC_VALUE',
    describe:
      'What one PoC is worth, dollars: a miss costs it, so it decides how early machines are launched and how soon another follows. It is no limit of spending.',
    example: '20',
    default: '20',
  },
  {
    ...rental,
    name: 'POC_HEDGES',
    describe:
      'Further machines that may boot at once for one place while none is ready, 0 to 10; the first one that is ready stays, the others are returned at once.',
    example: '5',
    default: '5',
  },
  {
    ...rental,
    name: 'MAX_EPOCH_SPEND',
    describe: 'Cap of one epoch, dollars. Unset: only the daily cap.',
    example: '0.75',
  },
  {
    ...rental,
    name: 'MAX_DAILY_INFERENCE_SPEND',
    describe:
      'Cap of the inference of a UTC day, dollars, all callers together. Beyond it callers with a token for inference get 429 until midnight; the Network Node is served, and an alert says so. Unset: no cap.',
    example: '5.0',
  },
  {
    ...rental,
    name: 'CHAIN_HALT_LIMIT',
    describe: 'How long a machine is kept while the chain stands still, seconds.',
    example: '1800',
    default: '1800',
  },
  {
    ...rental,
    name: 'LEASE_TTL',
    describe: 'A machine destroys itself after this long without the daemon, seconds.',
    example: '900',
    default: '900',
  },
];
