import type { FastifyInstance } from 'fastify';
import { createGovernanceModels } from '../adapters/chain/governance-models.ts';
import { createChainOfSources } from '../wiring/chain/chain-of-sources.ts';
import { createSimulatedChain } from '../adapters/chain/simulated.ts';
import { createHttpMlnode } from '../adapters/mlnode/http.ts';
import { createSimulatedNetworkNode } from '../adapters/network-node/simulated.ts';
import { createSimulatedSsh } from '../adapters/ssh/simulated.ts';
import { createSimulatedVast } from '../adapters/vast/simulated.ts';
import { createWorldTransport } from '../adapters/world-transport.ts';
import type { VirtualClock } from '../runtime/virtual-clock.ts';
import { Secret } from '../secret.ts';
import { createGateway } from '../server/gateway.ts';
import { type UnixMs, unixMs } from '../units.ts';
import type { Neighbours } from '../wiring/neighbours.ts';
import { ChainWorld, type GovernanceChange } from '../world/chain/chain-world.ts';
import { ChainSource } from '../world/chain/chain-source.ts';
import type { EpochParams } from '../world/chain/epoch-schedule.ts';
import type { ChainFlavour } from '../world/chain/flavour.ts';
import { NetworkNodeWorld } from '../world/network-node/network-node-world.ts';
import { Random } from '../world/random.ts';
import { VastWorld } from '../world/vast/vast-world.ts';
import type { Auditor } from './audit/auditor.ts';
import { type DeskNow, GatewayLine } from './gateway-line.ts';
import { SimulatedMachineHost } from './machine-host.ts';
import { patientMlnode } from './patient-mlnode.ts';
import { restlessness } from './restlessness.ts';
import { modelOn } from './chain-settings.ts';
import { vastKey } from './settings.ts';
import { silentLog } from './silent-log.ts';
import { smallParticipants } from './small-participants.ts';
import { Stirrings } from './stirrings.ts';

/** A line of `authorized_keys`; nobody has the other half. */
const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHNpbXVsYXRlZGtleXNpbXVsYXRlZGtleXNpbXVsYXRl simulated';
const startHeight = 2_089_000;
/** Half of the market's offers are others after so long. */
const marketHalfLifeMs = 86_400_000;
const otherHosts = 3;
const sourcePatienceMs = 1_500;

export interface SimulatedTownOptions {
  readonly clock: VirtualClock;
  readonly seed: number;
  /** Blocks of one epoch and its stages. */
  readonly params: EpochParams;
  readonly chain: ChainFlavour;
  readonly blockTimeMs: number;
  /** Public nodes of the chain beside the first. */
  readonly furtherSources: number;
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
  /** Further public nodes of the same chain. */
  readonly sources: readonly ChainSource[];
  readonly networkNode: NetworkNodeWorld;
  readonly vast: VastWorld;
  readonly host: SimulatedMachineHost;
  readonly stirrings: Stirrings;
  /** A proposal passes: other parameters from the next block on. */
  govern(change: GovernanceChange): void;
  /** `poc_start` of the first PoC. */
  readonly firstPocStart: number;
  /** As one daemon meets them, with limits and pauses of its own, and a clock so far from true time. */
  neighbours(random: Random, clockWrongByMs?: number): Neighbours;
  close(): Promise<void>;
}

export async function buildSimulatedTown(options: SimulatedTownOptions): Promise<SimulatedTown> {
  const { clock } = options;
  const stirrings = new Stirrings(() => clock.figures.rung);
  if (!options.isUnhurried) clock.quiet = stirrings;
  const line = new GatewayLine(options.desk, () => options.auditor()?.pocs);
  clock.isBusy = () => line.isBusy;
  const networkNode = buildNetworkNode(options, line, (what) => {
    stirrings.stir(what === 'nodes' ? 'nodes' : 'networkNode');
    chain.rearm();
  });
  const governed = new Set<number>();
  const chain = buildChain(options, networkNode, governed);
  const host = buildHost(options, stirrings, (instanceId, key) => destroyItself(vast, instanceId, key));
  const vast = buildVast(options, stirrings, host);
  stirrings.isNodeSettled = networkNode.isPolled;
  const sources = Array.from({ length: options.furtherSources }, () => new ChainSource(chain.view));
  stirrings.isRestless = restlessness({ chain, sources, networkNode, vast, host });
  chain.subscribe((block) => {
    stirrings.stir('chain');
    networkNode.onBlock(block);
  });
  const gateway = buildGateway(line, modelOn(options.chain));
  await gateway.ready();
  line.attach(gateway);
  networkNode.onBlock(chain.latestBlock());
  const parts = { chain, sources, networkNode, vast, host };
  return {
    ...parts,
    stirrings,
    govern: (change) => {
      governed.add(chain.height + 1);
      chain.govern(change);
    },
    firstPocStart: startHeight + options.blocksBeforePoc,
    neighbours: (random, clockWrongByMs = 0) => meetNeighbours(options, parts, random, clockWrongByMs),
    close: async () => {
      networkNode.close();
      chain.close();
      vast.close();
      await gateway.close();
    },
  };
}

function buildNetworkNode(
  { clock, seed, chain }: SimulatedTownOptions,
  line: GatewayLine,
  onStir: (what: 'nodes' | 'status') => void,
): NetworkNodeWorld {
  return new NetworkNodeWorld({
    clock,
    seed,
    call: line.call,
    callbackOrigin: 'http://api.world:9100',
    governanceModels: { [modelOn(chain)]: [] },
    pocVersion: chain.startsWith('v2') ? 2 : 1,
    participants: smallParticipants(otherHosts, seed),
    chatIntervalMs: 0,
    onStir,
  });
}

/** `toldToo`: heights that everybody hears of, whatever nobody waits for. */
function buildChain(
  options: SimulatedTownOptions,
  networkNode: NetworkNodeWorld,
  toldToo: ReadonlySet<number>,
): ChainWorld {
  const { clock, seed, blockTimeMs, params, blocksBeforePoc, chain } = options;
  const nextHeightOfInterest = (height: number): number =>
    Math.min(
      networkNode.nextHeightOfInterest(height),
      ...[...options.plannedHeights(), ...toldToo].filter((planned) => planned > height),
    );
  return new ChainWorld({
    clock,
    seed,
    blockTimeMs,
    flavour: chain,
    scale: 'mainnet',
    params,
    governanceModels: { [modelOn(chain)]: [] },
    startHeight,
    firstPocStartHeight: startHeight + blocksBeforePoc,
    ...(options.isUnhurried ? {} : { nextHeightOfInterest }),
  });
}

function buildHost(
  options: SimulatedTownOptions,
  stirrings: Stirrings,
  selfDestroy: (instanceId: number, containerApiKey: string) => void,
): SimulatedMachineHost {
  const { clock, seed, accidents, hostFailure, leaseTtlMs } = options;
  return new SimulatedMachineHost({
    clock,
    random: new Random(seed).fork(21),
    accidents,
    hostFailure,
    // Late enough to be rare, early enough for several tries.
    beatMs: 0.6 * leaseTtlMs,
    onBeat: () => stirrings.stir('pulses'),
    selfDestroy,
    onEnded: (books) => options.auditor()?.onMachineEnded(books),
  });
}

function buildVast(
  { clock, seed, accidents, hostFailure }: SimulatedTownOptions,
  stirrings: Stirrings,
  host: SimulatedMachineHost,
): VastWorld {
  return new VastWorld({
    clock,
    seed,
    apiKey: vastKey,
    host,
    accidents,
    ...(hostFailure === undefined ? {} : { hostFailure }),
    market: { halfLifeMs: marketHalfLifeMs },
    creditUsd: 1e9,
    onStir: (what) => stirrings.stir(what === 'listed' ? 'instances' : 'statuses'),
  });
}

/** The real one; inference is not simulated, so no back end stands behind it. */
function buildGateway(line: GatewayLine, model: string): FastifyInstance {
  return createGateway({
    desk: line.desk,
    inference: {
      model,
      models: () => [model],
      candidates: () => [],
      account: () => undefined,
    },
    nodeId: 'hybrid-simulated',
    log: silentLog(),
  });
}

function meetNeighbours(
  options: SimulatedTownOptions,
  {
    chain,
    sources,
    networkNode,
    vast,
    host,
  }: Pick<SimulatedTown, 'chain' | 'sources' | 'networkNode' | 'vast' | 'host'>,
  random: Random,
  clockWrongByMs: number,
): Neighbours {
  const { clock, isUnhurried } = options;
  const onTaken = (): void => options.auditor()?.pocs.machineTook();
  return {
    chain: meetChain([chain, ...sources], clock, () => unixMs(clock.now() + clockWrongByMs)),
    governance: createGovernanceModels({
      urls: ['http://chain.world'],
      transport: createWorldTransport({ neighbour: chain, clock }),
      timeoutMs: 5_000,
    }),
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
      random: () => random.next(),
    }),
    ssh: createSimulatedSsh({ machineAt: (endpoint) => host.machineAt(endpoint), publicKey }),
    networkNode: createSimulatedNetworkNode({ world: networkNode, clock }),
    backEnds: [],
    mlnode: (transport) =>
      patientMlnode(createHttpMlnode({ baseUrl: 'http://127.0.0.1', transport }), {
        clock,
        isUnhurried,
        onTaken,
      }),
  };
}

function meetChain(
  worlds: readonly (ChainWorld | ChainSource)[],
  clock: VirtualClock,
  now: () => UnixMs,
): Neighbours['chain'] {
  const [first, ...others] = worlds.map((world) => createSimulatedChain({ world, clock, now }));
  if (first === undefined || others.length === 0) return first as Neighbours['chain'];
  return createChainOfSources({
    now,
    sources: [first, ...others].map((chain, index) => ({ name: `source ${index + 1}`, chain })),
    patience: (signal) => clock.sleep(sourcePatienceMs, signal),
  });
}

/** What a machine's dead-man switch sends, with its own key. */
function destroyItself(vast: VastWorld, instanceId: number, key: string): void {
  void vast.handle({
    method: 'DELETE',
    path: `/api/v0/instances/${instanceId}/`,
    headers: { authorization: `Bearer ${key}` },
    body: '{}',
  });
}
