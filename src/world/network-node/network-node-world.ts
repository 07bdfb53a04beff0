import type { Block } from '../chain/chain-world.ts';
import type { WorldClock, WorldTimer } from '../clock.ts';
import { text, type WorldOutcome, type WorldRequest } from '../exchange.ts';
import type { Neighbour } from '../neighbour.ts';
import { Random } from '../random.ts';
import { createAdminApi } from './admin-api.ts';
import { availableNodes } from './available-nodes.ts';
import { Broker } from './broker.ts';
import { CallbackLog } from './callback-log.ts';
import { createCallbackServer } from './callback-server.ts';
import { ChatTraffic } from './chat-traffic.ts';
import { EpochLedger } from './epoch-ledger.ts';
import { faultyCallbackAnswer, isTakingCallbacks } from './callback-faults.ts';
import { WatchedFaultBoard } from './fault-board.ts';
import { mergedArgs } from './merged-args.ts';
import { intentionAt } from './phase-intention.ts';
import { MlNodeClient, isNodeAlive } from './ml-node-client.ts';
import type { NetworkNodeWorldOptions } from './network-node-options.ts';
import type { NodeRecord } from './node-record.ts';
import { NodeRegistry } from './node-registry.ts';
import { type OtherParticipant, otherParticipants, publicKeyOf } from './other-participants.ts';
import { type PowParams, mainnetPowParams, powInitBody } from './pow-init-body.ts';
import { isAtRest, stageHeights } from './quiet-time.ts';
import { StateHistory } from './state-history.ts';
import { StatusPoll } from './status-poll.ts';
import { Ticker } from './ticker.ts';
import { runValidation, validationBatches } from './validation-run.ts';

const reconcilePeriodMs = 30_000;
const statusPollPeriodMs = 60_000;

/**
 * A Gonka Network Node (its API node) as its ML nodes, its admin and its callers know it, for PoC v1. Fed with blocks
 * through `onBlock`; `handle` is the admin API, `callbacks` the server for ML nodes.
 */
export class NetworkNodeWorld implements Neighbour {
  readonly faults: WatchedFaultBoard;
  /** The callback server, a listener of its own. */
  readonly callbacks: Neighbour;
  readonly publicKey: string;
  readonly #options: NetworkNodeWorldOptions;
  readonly #clock: WorldClock;
  readonly #pow: PowParams;
  readonly #participants: readonly OtherParticipant[];
  readonly #models: Readonly<Record<string, readonly string[]>>;
  readonly #registry: NodeRegistry;
  readonly #broker: Broker;
  readonly #poll: StatusPoll;
  readonly #chat: ChatTraffic;
  readonly #ledger = new EpochLedger();
  readonly #log = new CallbackLog();
  readonly #history = new StateHistory();
  readonly #tickers: readonly Ticker[];
  readonly #admin: (request: WorldRequest) => Promise<WorldOutcome>;
  readonly #takeCallback: (request: WorldRequest) => Promise<WorldOutcome>;
  #block: Block | undefined;
  #renewedAtHeight = 0;
  #life = new AbortController();
  #restartTimer: WorldTimer | undefined;
  constructor(options: NetworkNodeWorldOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#pow = options.pow ?? mainnetPowParams;
    this.#models = options.governanceModels ?? { 'Qwen/QwQ-32B': [] };
    this.#participants = options.participants ?? otherParticipants(3, options.seed, this.#pow);
    this.publicKey = options.publicKey ?? publicKeyOf(`own ${options.seed}`);
    this.faults = new WatchedFaultBoard((name) => this.#onFault(name));
    this.#registry = new NodeRegistry(Object.keys(this.#models));
    this.#broker = this.#createBroker();
    const nowMs = (): number => this.#clock.now();
    const client = (node: NodeRecord): MlNodeClient => this.#client(node);
    this.#poll = new StatusPoll({ registry: this.#registry, broker: this.#broker, client, nowMs });
    this.#chat = this.#createChat();
    this.#admin = this.#createAdmin();
    this.#takeCallback = this.#createCallbacks();
    this.callbacks = {
      faults: this.faults,
      handle: (request) => this.#handleCallback(request),
      books: () => this.books(),
      close: () => undefined,
    };
    this.#tickers = this.#createTickers();
  }

  /** A new block of the own chain node. */
  onBlock(block: Block): void {
    if (this.#isRestarting() || block.height <= (this.#block?.height ?? 0)) return;
    this.#block = block;
    const { epochs, height } = block;
    const { epoch_stages: stages } = epochs;
    this.#ledger.onBlock(block, this.#clock.now());
    if (height === stages.set_new_validators) this.#ledger.formEpochGroup(this.#registry);
    const intention = intentionAt(block, this.#renewedAtHeight);
    if (intention === 'inferenceUp') this.#renewedAtHeight = height;
    if (intention !== undefined) {
      this.#broker.intend(intention, block);
      this.#broker.reconcile();
    }
    if (height === stages.poc_validation_start && stages.epoch_index > 0) void this.#validate(block);
  }

  /** Every node is where it is wanted and nothing is on its way: until a stage begins, blocks change nothing. */
  get isSettled(): boolean {
    return !this.#isRestarting() && this.#registry.all().every(isAtRest);
  }

  /** The next height after `height` at which a block could make this program do or note anything. */
  nextHeightOfInterest(height: number): number {
    if (this.#block === undefined || !this.isSettled) return height + 1;
    const ahead = stageHeights(this.#block.epochs).filter((stage) => stage > height);
    return ahead.length === 0 ? height + 1 : Math.min(...ahead);
  }

  async handle(request: WorldRequest): Promise<WorldOutcome> {
    if (this.#isUnreachable()) return 'drop';
    if (this.faults.get('adminOther') > 0)
      return text(200, '<!doctype html><title>Admin</title>', 'text/html');
    return this.#admin(request);
  }

  books(): Record<string, unknown> {
    return {
      height: this.#block?.height ?? null,
      epochIndex: this.#block?.epochs.latest_epoch.index ?? null,
      phase: this.#block?.epochs.phase ?? null,
      publicKey: this.publicKey,
      ...this.#ledger.books(),
      inference: this.#chat.figures,
      statusPolls: this.#poll.figures,
      ...this.#history.books(),
      nodes: this.#registry.books(),
      callbacks: this.#log.toJSON(),
    };
  }

  /** The part of the books that concerns one PoC. */
  booksOf(pocStart: number): Record<string, unknown> {
    return { epochs: this.#ledger.of(pocStart), callbacks: this.#log.of(pocStart) };
  }

  close(): void {
    for (const ticker of this.#tickers) ticker.stop();
    this.#clock.clearTimeout(this.#restartTimer);
    this.#endLife();
  }

  #createBroker(): Broker {
    return new Broker({
      registry: this.#registry,
      nowMs: () => this.#clock.now(),
      block: () => this.#block,
      client: (node) => this.#client(node),
      initBody: (node, block) => this.#initBody(node, block),
      model: (node) => this.#modelOf(node),
      onGenerating: (node, pocStart) => this.#ledger.at(pocStart)?.nodesDispatched.add(node.config.id),
      onStatus: (node, from, to, reason) => {
        const at = { atMs: this.#clock.now(), height: this.#block?.height ?? 0 };
        this.#history.add({ ...at, nodeId: node.config.id, from, to, reason });
        this.#options.onStir?.('status');
      },
    });
  }

  #createChat(): ChatTraffic {
    return new ChatTraffic({
      call: this.#options.call,
      available: () => availableNodes(this.#registry.all(), this.#block),
      client: (node) => this.#client(node),
      model: (node) => this.#modelOf(node).id,
      seed: this.#options.seed,
    });
  }

  #createAdmin(): (request: WorldRequest) => Promise<WorldOutcome> {
    return createAdminApi({
      registry: this.#registry,
      latestEpoch: () => this.#block?.epochs.latest_epoch.index ?? 0,
      isInEpochGroup: (id) => this.#ledger.isInEpochGroup(id),
      pocWeight: (node) => this.#ledger.latest()?.noncesOf(node.config.id) ?? 0,
      onChange: () => {
        this.#poll.round();
        this.#broker.reconcile();
        this.#options.onStir?.('nodes');
      },
      idle: (node) => this.#broker.idle(node),
      isAlive: (node, version) => isNodeAlive(new MlNodeClient(this.#options.call, node.config, version)),
      config: () => ({
        api: { poc_callback_url: this.#callbackOrigin() },
        nodes: this.#registry.all().map((node) => node.config),
      }),
    });
  }

  #createCallbacks(): (request: WorldRequest) => Promise<WorldOutcome> {
    const keys = new Set([this.publicKey, ...this.#participants.map((other) => other.publicKey)]);
    return createCallbackServer({
      registry: this.#registry,
      log: this.#log,
      nowMs: () => this.#clock.now(),
      height: () => this.#block?.height,
      bookAt: (pocStart) => this.#ledger.at(pocStart),
      latestBook: () => this.#ledger.latest(),
      isParticipant: (publicKey) => keys.has(publicKey),
    });
  }

  #createTickers(): Ticker[] {
    const unlessRestarting = (act: () => void) => (): void => {
      if (!this.#isRestarting()) act();
    };
    const chatMs = this.#options.chatIntervalMs ?? 20_000;
    const every = (periodMs: number, act: () => void, purpose?: string): Ticker =>
      new Ticker(this.#clock, periodMs, unlessRestarting(act), purpose);
    return [
      every(reconcilePeriodMs, () => this.#broker.reconcile(), 'networkNode.reconcile'),
      every(statusPollPeriodMs, () => this.#poll.round(), 'networkNode.statusPoll'),
      ...(chatMs > 0 ? [every(chatMs, () => void this.#chat.send())] : []),
    ];
  }

  async #validate(block: Block): Promise<void> {
    const book = this.#ledger.at(block.epochs.epoch_stages.poc_start);
    if (book === undefined) return;
    const random = new Random(this.#options.seed + block.height);
    const batches = validationBatches(book, this.publicKey, this.#participants, random);
    for (const batch of batches) book.validationsDue.add(batch.public_key);
    const isValidating = (node: NodeRecord): boolean =>
      node.current.status === 'POC' && node.current.poc === 'VALIDATING';
    await runValidation({
      nodes: this.#registry.all().filter(isValidating),
      batches,
      client: (node) => this.#client(node),
      signal: this.#life.signal,
      onRequested: (batch) => book.validationsRequested.add(batch.public_key),
    });
  }

  async #handleCallback(request: WorldRequest): Promise<WorldOutcome> {
    if (this.#isUnreachable()) return 'drop';
    return (await faultyCallbackAnswer(this.faults, this.#clock)) ?? this.#takeCallback(request);
  }

  #onFault(name: string): void {
    const restartMs = this.faults.get('restart');
    if (name === 'restart' && restartMs > 0) {
      this.#endLife();
      this.#clock.clearTimeout(this.#restartTimer);
      this.#restartTimer = this.#clock.setTimeout(() => this.#comeBack(), restartMs);
    }
    this.#log.setTaking(isTakingCallbacks(this.faults), this.#clock.now());
    this.#options.onStir?.('nodes');
  }

  #comeBack(): void {
    this.#life = new AbortController();
    this.#registry.reload(this.#block?.epochs.latest_epoch.index ?? 0);
    this.faults.set('restart', 0);
    this.#poll.round();
  }

  #endLife(): void {
    this.#broker.abandonAll();
    this.#life.abort(new Error('program ended'));
  }

  #isRestarting(): boolean {
    return this.faults.get('restart') > 0;
  }

  #isUnreachable(): boolean {
    return this.faults.get('down') > 0 || this.#isRestarting();
  }

  /** The alphabetically first of the node's models. */
  #modelOf(node: NodeRecord): { id: string; args: string[] } {
    const id = Object.keys(node.config.models).toSorted()[0] ?? '';
    return { id, args: mergedArgs(this.#models[id] ?? [], node.config.models[id]?.args ?? []) };
  }

  #initBody(node: NodeRecord, block: Block): ReturnType<typeof powInitBody> {
    return powInitBody({
      nodeNum: node.nodeNum,
      nodeCount: this.#registry.nodeCount(),
      pocStart: block.epochs.epoch_stages.poc_start,
      pocStartHash: block.pocStartHash,
      publicKey: this.publicKey,
      callbackOrigin: this.#callbackOrigin(),
      pow: this.#pow,
    });
  }

  #callbackOrigin(): string {
    const { callbackOrigin } = this.#options;
    return typeof callbackOrigin === 'string' ? callbackOrigin : callbackOrigin();
  }

  #client(node: NodeRecord): MlNodeClient {
    return new MlNodeClient(this.#options.call, node.config, this.#options.nodeVersion ?? '');
  }
}
