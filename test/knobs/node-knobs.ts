import { nodeDefinition } from '../../src/wiring/registration/registration-effects.ts';
import { createHttpNeighbours } from '../../src/wiring/http-neighbours.ts';
import type { Config } from '../../src/config/config.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import type { Neighbours } from '../../src/wiring/neighbours.ts';
import { daemonOf, lookAgain } from './quiet-daemon.ts';
import { listenersOf } from './gateway.ts';
import type { Knob } from './knob.ts';
import type { Place } from './place.ts';

const signal = new AbortController().signal;
const definition = (config: Config): unknown => nodeDefinition(config);

/** What the ears hear when the daemon's neighbours are asked something, and how that ended. */
export const asked =
  (ask: (neighbours: Neighbours) => Promise<unknown>) =>
  async (config: Config, place: Place): Promise<unknown> => {
    const neighbours = createHttpNeighbours(config, new VirtualClock(1_800_000_000_000));
    const ended = await ask(neighbours).then(
      () => 'answered',
      (error: { code?: string }) => error.code,
    );
    return { ended, heard: place.heard() };
  };

const registered = 'the node definition that is registered';

/** The node, its listeners, and what it asks of Gonka. */
export const nodeKnobs: readonly Knob[] = [
  { name: 'MLNODE_ID', seen: registered, values: ['one', 'two'], observe: definition },
  { name: 'VPS_IP', seen: registered, values: ['10.0.0.1', '10.0.0.2'], observe: definition },
  {
    name: 'REGISTRATION',
    seen: 'whether the node is registered',
    values: ['on', 'off'],
    observe: (config, place) => {
      const { daemon } = daemonOf(config, place);
      daemon.start();
      daemon.register();
      return daemon.rows.row('registration')?.value ?? 'no registration';
    },
  },
  {
    name: 'HYPERBOLIC_PROXY_PORT',
    seen: 'the port of its listener',
    values: ['8080', '8090'],
    observe: async (config, place) => (await listenersOf(config, place)).map(({ port }) => port),
  },
  {
    name: 'INFERENCE_PORT',
    seen: 'a second listener',
    values: ['', '5050'],
    observe: async (config, place) =>
      (await listenersOf(config, place)).map(({ port, surface }) => [surface, port]),
  },
  { name: 'POC_SEGMENT', seen: registered, values: ['', '/api/v1'], observe: definition },
  { name: 'INFERENCE_SEGMENT', seen: registered, values: ['', '/v1'], observe: definition },
  { name: 'HARDWARE_TYPE', seen: registered, values: ['H100', 'L40S'], observe: definition },
  { name: 'HARDWARE_COUNT', seen: registered, values: ['1', '8'], observe: definition },
  {
    name: 'GONKA_NETWORK_NODE_URL',
    seen: 'who is asked for the epoch',
    values: ['http://{one}', 'http://{two}'],
    observe: asked(({ chain }) => chain.head(signal)),
  },
  {
    name: 'GONKA_API_TIMEOUT',
    seen: 'whether a slow source is waited for',
    values: ['0.1', '30'],
    given: { GONKA_NETWORK_NODE_URL: 'http://{one}' },
    observe: (config, place) => {
      const [ear] = place.ears;
      ear!.answer = (response) => void setTimeout(() => response.end('{}'), 1_000);
      return asked(({ chain }) => chain.head(signal))(config, place);
    },
  },
  {
    name: 'GONKA_HOST_ADDRESS',
    seen: 'whether the chain is asked for the account',
    values: ['', `gonka1${'q'.repeat(38)}`],
    observe: async (config, place) => {
      const { daemon } = daemonOf(config, place);
      daemon.start();
      await lookAgain();
      return daemon.volatileRows.row('participant')?.value ?? 'nobody asks';
    },
  },
  {
    name: 'GONKA_ADMIN_API_URL',
    seen: 'who is asked for the list of nodes',
    values: ['http://{one}', 'http://{two}'],
    observe: asked(({ networkNode }) => networkNode.nodes(signal)),
  },
  {
    name: 'GONKA_CALLBACK_URL',
    seen: 'where the callbacks of a PoC go',
    values: ['', 'http://10.0.0.20:9100'],
    observe: async (config, place) => {
      const { daemon } = daemonOf(config, place);
      daemon.start();
      const url = 'http://api:9100/v1/poc-batches';
      await daemon.desk.pocV2?.('init/generate', JSON.stringify({ url }));
      return daemon.rows.row('service')?.context;
    },
  },
];
