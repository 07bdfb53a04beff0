import { createSimulatedChain } from '../adapters/chain/simulated.ts';
import { createHttpMlnode } from '../adapters/mlnode/http.ts';
import { createSimulatedNetworkNode } from '../adapters/network-node/simulated.ts';
import { createSimulatedSsh } from '../adapters/ssh/simulated.ts';
import { createSimulatedVast } from '../adapters/vast/simulated.ts';
import type { VirtualClock } from '../runtime/virtual-clock.ts';
import type { MachineBook } from '../sandbox/books.ts';
import { Secret } from '../secret.ts';
import { createGateway } from '../server/gateway.ts';
import type { Neighbours } from '../wiring/neighbours.ts';
import { ChainWorld } from '../world/chain/chain-world.ts';
import type { EpochParams } from '../world/chain/epoch-schedule.ts';
import { NetworkNodeWorld } from '../world/network-node/network-node-world.ts';
import { Random } from '../world/random.ts';
import { VastWorld } from '../world/vast/vast-world.ts';
import type { Auditor } from './audit/auditor.ts';
import { type DeskNow, GatewayLine } from './gateway-line.ts';
import { SimulatedMachineHost } from './machine-host.ts';
import { smallParticipants } from './small-participants.ts';
import { patientMlnode } from './patient-mlnode.ts';
import { restlessness } from './restlessness.ts';
import { servedModel, vastKey } from './settings.ts';
import { silentLog } from './silent-log.ts';
import { Stirrings } from './stirrings.ts';

/** A line of `authorized_keys`; nobody has the other half. */
const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHNpbXVsYXRlZGtleXNpbXVsYXRlZGtleXNpbXVsYXRl simulated';
const dayMs = 86_400_000;
/**
 * Of one GPU group, at mainnet's share of valid nonces: half of what the slowest cards do. It sizes the hashing that a
 * simulated PoC costs, and nothing that is judged depends on it.
 */
const noncesPerMinutePerGroup = 4;

export interface SimulatedTownOptions {
  readonly clock: VirtualClock;
  readonly seed: number;
  /** Blocks of one epoch and its stages. */
  readonly params: EpochParams;
  readonly blockTimeMs: number;
  /** Every block and every look is played. */
  readonly isUnhurried: boolean;
  /** Blocks before the first PoC. */
  readonly blocksBeforePoc: number;
  readonly accidents: number;
  readonly hostFailure: number | undefined;
  /** `LEASE_TTL`. */
  readonly leaseTtlMs: number;
  /** The living daemon's desk. */
  readonly desk: DeskNow;
  /** Heights of the daemon's plans that lie ahead. */
  plannedHeights(): readonly number[];
  /** Looks on; undefined while the town is being built. */
  auditor(): Auditor | undefined;
}

/** All neighbours of one daemon in this process, on one clock. */
export interface SimulatedTown {
  readonly chain: ChainWorld;
  readonly networkNode: NetworkNodeWorld;
  readonly vast: VastWorld;
  readonly host: SimulatedMachineHost;
  readonly line: GatewayLine;
  readonly stirrings: Stirrings;
  /** `poc_start` of the first PoC. */
  readonly firstPocStart: number;
  /** As the daemon meets them, each life with limits and pauses of its own. */
  neighbours(random: Random): Neighbours;
  close(): Promise<void>;
}

export async function buildSimulatedTown(options: SimulatedTownOptions): Promise<SimulatedTown> {
  const { clock, seed, accidents, hostFailure } = options;
  const random = new Random(seed);
  const stirrings = new Stirrings(() => clock.figures.rung);
  if (!options.isUnhurried) clock.quiet = stirrings;
  const startHeight = 2_089_000;
  const line = new GatewayLine(options.desk, () => options.auditor()?.pocs);
  clock.isBusy = () => line.isBusy;
  const networkNode: NetworkNodeWorld = new NetworkNodeWorld({
    clock,
    seed,
    call: line.call,
    callbackOrigin: 'http://api.world:9100',
    governanceModels: { [servedModel]: [] },
    participants: smallParticipants(3, seed),
    chatIntervalMs: 0,
    onStir: (what) => {
      stirrings.stir(what === 'nodes' ? 'nodes' : 'networkNode');
      chain.rearm();
    },
  });
  const chain: ChainWorld = new ChainWorld({
    clock,
    seed,
    blockTimeMs: options.blockTimeMs,
    params: options.params,
    startHeight,
    firstPocStartHeight: startHeight + options.blocksBeforePoc,
    ...(options.isUnhurried
      ? {}
      : {
          nextHeightOfInterest: (height: number) =>
            Math.min(
              networkNode.nextHeightOfInterest(height),
              ...options.plannedHeights().filter((planned) => planned > height),
            ),
        }),
  });
  stirrings.isNodeSettled = () => networkNode.isSettled;
  stirrings.isRestless = restlessness({ chain, networkNode, vast: () => vast, host: () => host });
  chain.subscribe((block) => {
    stirrings.stir('chain');
    networkNode.onBlock(block);
  });
  const host = new SimulatedMachineHost({
    clock,
    random: random.fork(21),
    accidents,
    hostFailure,
    noncesPerMinutePerGroup,
    beatMs: options.leaseTtlMs / 3,
    onBeat: () => stirrings.stir('pulses'),
    selfDestroy: (instanceId, key) => void destroyItself(vast, instanceId, key),
    onEnded: (books) => options.auditor()?.onMachineEnded(books as unknown as MachineBook),
  });
  const vast: VastWorld = new VastWorld({
    clock,
    seed,
    apiKey: vastKey,
    host,
    accidents,
    ...(hostFailure === undefined ? {} : { hostFailure }),
    market: { halfLifeMs: dayMs },
    creditUsd: 1e9,
    onStir: (what) => stirrings.stir(what === 'listed' ? 'instances' : 'statuses'),
  });
  const gateway = createGateway({
    desk: line.desk,
    inference: {
      model: servedModel,
      models: () => [servedModel],
      candidates: () => [],
      account: () => undefined,
    },
    nodeId: 'hybrid-simulated',
    log: silentLog(),
  });
  await gateway.ready();
  line.attach(gateway);
  networkNode.onBlock(chain.latestBlock());
  return {
    chain,
    networkNode,
    vast,
    host,
    line,
    stirrings,
    firstPocStart: startHeight + options.blocksBeforePoc,
    neighbours: (own) => ({
      chain: createSimulatedChain({ world: chain, clock, now: () => clock.now() }),
      vast: createSimulatedVast({
        world: {
          handle: (request) => {
            options.auditor()?.onVastRequest(request);
            return vast.handle(request);
          },
        },
        apiKey: new Secret(vastKey),
        clock,
        timers: clock,
        random: () => own.next(),
      }),
      ssh: createSimulatedSsh({ machineAt: (endpoint) => host.machineAt(endpoint), publicKey }),
      networkNode: createSimulatedNetworkNode({ world: networkNode, clock }),
      backEnds: [],
      mlnode: (transport) =>
        patientMlnode(createHttpMlnode({ baseUrl: 'http://127.0.0.1', transport }), {
          clock,
          isUnhurried: options.isUnhurried,
          onTaken: () => options.auditor()?.pocs.machineTook(),
        }),
    }),
    close: async () => {
      networkNode.close();
      chain.close();
      vast.close();
      await gateway.close();
    },
  };
}

/** What a machine's dead-man switch sends, with its own key. */
async function destroyItself(vast: VastWorld, instanceId: number, key: string): Promise<void> {
  await vast.handle({
    method: 'DELETE',
    path: `/api/v0/instances/${instanceId}/`,
    headers: { authorization: `Bearer ${key}` },
    body: '{}',
  });
}
