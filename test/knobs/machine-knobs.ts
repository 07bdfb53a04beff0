import type { Config } from '../../src/config/config.ts';
import type { LeaseInput } from '../../src/machines/lease-context.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { createModelOrders } from '../../src/wiring/machine/model-orders.ts';
import { startVllm } from '../../src/wiring/machine/vllm-start.ts';
import { silent } from '../wiring/small-town.ts';
import { asked } from './node-knobs.ts';
import { lookAgain, startAt } from './quiet-daemon.ts';
import { order, queries, rentalOf } from './rental.ts';
import type { Knob } from './knob.ts';
import type { Place } from './place.ts';

const signal = new AbortController().signal;

/** What the lease chart goes by while a machine boots. */
const limits = async (config: Config, place: Place): Promise<unknown> =>
  ((await rentalOf(config, place)).chosen.opening.input as LeaseInput).limits;

/** Commands by which a plain vLLM is started. */
async function commands(config: Config): Promise<readonly string[]> {
  const said: string[] = [];
  const clock = new VirtualClock(startAt);
  const model = 'org/name';
  const room = {
    isOpen: () => true,
    mlnode: () => ({ servedModels: () => Promise.resolve([model]) }) as never,
    exec: (_leaseId: string, command: string) => {
      said.push(command);
      return Promise.resolve({ exitCode: 0, stdout: '8.9\n8.9\n', stderr: '' });
    },
  };
  const starting = startVllm(
    { room, clock, log: silent, config, onProgress: () => undefined },
    { leaseId: 'A', model, gpuCount: 2 },
    signal,
  );
  await lookAgain();
  await clock.advanceBy(60_000);
  await starting;
  return said;
}

const searched = 'the search for offers';
const ordered = 'the order of a machine';
const limited = 'the limits of a lease';
const started = 'the command that starts vLLM';
const digest = (letter: string): string => `own/mlnode:1.0.0@sha256:${letter.repeat(64)}`;
const v2 = { POC_VERSION: 'v2', MAX_DAILY_SPEND: '50', MLNODE_INFERENCE_MODEL: 'some/model' };

/** Which machine is rented, what runs on it, and how long it may take. */
export const machineKnobs: readonly Knob[] = [
  {
    name: 'VASTAI_API_KEY',
    seen: 'the key that Vast.ai is shown',
    values: ['first', 'second'],
    given: { VASTAI_BASE_URL: 'http://{one}' },
    observe: asked(({ vast }) => vast.account(signal)),
  },
  {
    name: 'VASTAI_BASE_URL',
    seen: 'who is asked for the account',
    values: ['http://{one}', 'http://{two}'],
    observe: asked(({ vast }) => vast.account(signal)),
  },
  {
    name: 'VASTAI_SSH_KEY_PATH',
    seen: 'the public key that machines get',
    values: ['{key}', '{otherKey}'],
    observe: async (config, place) => {
      const seen: string[] = [];
      await asked(async ({ ssh }) => void seen.push(ssh.publicKey()))(config, place);
      return seen;
    },
  },
  { name: 'VASTAI_GPU_TYPE', seen: searched, values: ['ANY', 'RTX_4090'], observe: queries },
  { name: 'VASTAI_NUM_GPUS', seen: searched, values: ['', '2'], observe: queries },
  { name: 'VASTAI_MIN_VRAM', seen: searched, values: ['24', '48'], observe: queries },
  { name: 'VASTAI_MIN_TOTAL_VRAM', seen: searched, values: ['38', '80'], observe: queries },
  { name: 'VASTAI_MAX_PRICE', seen: searched, values: ['0.5', '1.5'], observe: queries },
  { name: 'VASTAI_DISK_SIZE', seen: searched, values: ['50', '100'], observe: queries },
  { name: 'VASTAI_MIN_RELIABILITY', seen: searched, values: ['0.9', '0.99'], observe: queries },
  { name: 'VASTAI_MIN_INET_DOWN', seen: searched, values: ['200', '800'], observe: queries },
  { name: 'VASTAI_TEMPLATE_ID', seen: ordered, values: ['', 'a'.repeat(32)], observe: order },
  { name: 'DOCKER_IMAGE', seen: ordered, values: [digest('a'), digest('b')], observe: order },
  {
    name: 'DOCKER_IMAGE_V2',
    seen: ordered,
    values: [digest('a'), digest('b')],
    given: { ...v2, DOCKER_IMAGE: 'own/mlnode:3.0.11' },
    observe: order,
  },
  { name: 'DOCKER_IMAGE_GB', seen: searched, values: ['12', '40'], given: v2, observe: queries },
  {
    name: 'MLNODE_IMAGE_KIND',
    seen: ordered,
    values: ['mlnode', 'vllm'],
    given: { DOCKER_IMAGE: 'own/image:1', MAX_DAILY_SPEND: '50' },
    observe: order,
  },
  { name: 'MLNODE_PORT', seen: ordered, values: ['18080', '18081'], observe: order },
  { name: 'MLNODE_START_COMMAND', seen: ordered, values: ['one', 'two'], observe: order },
  { name: 'VASTAI_ONSTART_SCRIPT', seen: ordered, values: ['', 'export A=1'], observe: order },
  { name: 'LEASE_TTL', seen: ordered, values: ['600', '900'], observe: order },
  { name: 'VASTAI_INSTANCE_READY_TIMEOUT', seen: limited, values: ['120', '240'], observe: limits },
  { name: 'VASTAI_SSH_READY_TIMEOUT', seen: limited, values: ['90', '120'], observe: limits },
  { name: 'VASTAI_SSH_AUTH_GRACE', seen: limited, values: ['600', '900'], observe: limits },
  { name: 'MLNODE_STARTUP_TIMEOUT', seen: limited, values: ['600', '900'], observe: limits },
  { name: 'MODEL_LOAD_TIMEOUT', seen: limited, values: ['600', '900'], observe: limits },
  { name: 'MODEL_WEIGHTS_GB', seen: searched, values: ['', '700'], given: v2, observe: queries },
  { name: 'MODEL_VRAM_GB', seen: searched, values: ['', '700'], given: v2, observe: queries },
  {
    name: 'MLNODE_VLLM_ARGS',
    seen: 'the order of the model, and the command of a plain vLLM',
    values: ['', '--max-model-len 4096'],
    observe: async (config) => {
      const rows = () => ({ row: () => undefined });
      return [await createModelOrders({ config, rows, log: silent })(1, signal), await commands(config)];
    },
  },
  { name: 'MLNODE_QUANTIZATION', seen: started, values: ['auto', 'awq'], observe: commands },
  { name: 'VLLM_MAX_MODEL_LEN', seen: started, values: ['', '4096'], observe: commands },
  { name: 'VLLM_GPU_MEMORY_UTIL', seen: started, values: ['0.9', '0.8'], observe: commands },
  { name: 'VLLM_MAX_NUM_SEQS', seen: started, values: ['', '16'], observe: commands },
];
