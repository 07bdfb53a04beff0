import type { Block } from '../chain/chain-world.ts';
import type { WorldClock, WorldTimer } from '../clock.ts';
import { text, type WorldOutcome, type WorldRequest } from '../exchange.ts';
import type { Neighbour } from '../neighbour.ts';
import { createAdminApi } from './admin-api.ts';
import { availableNodes, isOperationalAt } from './available-nodes.ts';
import { Broker } from './broker.ts';
import { CallbackLog } from './callback-log.ts';
import { ChatTraffic } from './chat-traffic.ts';
import { EpochLedger } from './epoch-ledger.ts';
import { faultyCallbackAnswer, isTakingCallbacks } from './callback-faults.ts';
import { WatchedFaultBoard } from './fault-board.ts';
import { modelFor } from './merged-args.ts';
import { intentionAt } from './phase-intention.ts';
import { MlNodeClient, isNodeAlive } from './ml-node-client.ts';
import type { NetworkNodeWorldOptions } from './network-node-options.ts';
import type { NodeRecord } from './node-record.ts';
import { NodeRegistry } from './node-registry.ts';
import { publicKeyOf } from './other-participants.ts';
import type { PocSide } from './poc-side.ts';
import { choosePocSide } from './poc-side-choice.ts';
import { PreservedNodes } from './preserved-nodes.ts';
import { isAtRest, stageHeights } from './quiet-time.ts';
import { StateHistory } from './state-history.ts';
import { StatusPoll } from './status-poll.ts';
import { Ticker } from './ticker.ts';

const reconcilePeriodMs = 30_000;
const statusPollPeriodMs = 60_000;

/**
 * A Gonka Network Node (its API node) as its ML nodes, its admin and its callers know it, for one generation of PoC,
 * confirmation PoCs included. Fed with blocks through `onBlock`; `handle` is the admin API, `callbacks` the server for
 * ML nodes.
 */
export class NetworkNodeWorld implements Neighbour {
  readonly faults: WatchedFaultBoard;
  /** The callback server, a listener of its own. */
  readonly callbacks: Neighbour;
  readonly publicKey: string;
  readonly #options: NetworkNodeWorldOptions;
  readonly #clock: WorldClock;
  readonly #side: PocSide;
  readonly #preserved: PreservedNodes;
  readonly #models: Readonly<Record<string, readonly string[]>>;
  readonly #registry: NodeRegistry;
  readonly #broker: Broker;
  readonly #poll: StatusPoll;
  readonly #chat: ChatTraffic;
  readonly #ledger: EpochLedger;
  readonly #log = new CallbackLog();
  readonly #history = new StateHistory();
  readonly #tickers: readonly Ticker[];
  readonly #admin: (request: WorldRequest) => Promise<WorldOutcome>;
  #block: Block | undefined;
  #renewedAtHeight = 0;
  #life = new AbortController();
  #restartTimer: WorldTimer | undefined;
  /** The wire to one node, and what it is expected to serve. */
  readonly #client = (node: NodeRecord): MlNodeClient =>
    new MlNodeClient(this.#options.call, node.config, this.#options.nodeVersion ?? '');
  readonly #modelOf = (node: NodeRecord): ReturnType<typeof modelFor> => modelFor(node, this.#models);
  constructor(options: NetworkNodeWorldOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#models = options.governanceModels ?? { 'Qwen/QwQ-32B': [] };
    this.publicKey = options.publicKey ?? publicKeyOf(`own ${options.seed}`);
    this.faults = new WatchedFaultBoard((name) => this.#onFault(name));
    this.#registry = new NodeRegistry(Object.keys(this.#models));
    this.#preserved = new PreservedNodes(options.preserved, options.seed);
    this.#ledger = this.#createLedger();
    this.#side = this.#createSide();
    this.#broker = this.#createBroker();
    this.#poll = new StatusPoll({
      registry: this.#registry,
      broker: this.#broker,
      client: this.#client,
      nowMs: () => this.#clock.now(),
      expectedModel: options.pocVersion === 2 ? (node) => this.#modelOf(node).id : undefined,
    });
    this.#chat = this.#createChat();
    this.#admin = this.#createAdmin();
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
    if (height === stages.set_new_validators) {
      this.#ledger.formEpochGroup(this.#registry);
      this.#preserved.allocate(this.#nodeIds());
    }
    const intention = intentionAt(block, this.#renewedAtHeight, this.#ledger.isActive);
    if (intention === 'inferenceUp') this.#renewedAtHeight = height;
    if (intention !== undefined) {
      this.#broker.intend(intention, block);
      this.#broker.reconcile();
    }
    const book = this.#ledger.latest();
    if (book === undefined || height !== book.span.validationStartHeight) return;
    if (book.span.kind === 'regular' || this.#ledger.isActive) void this.#side.validate(book);
  }

  /** Every node is where it is wanted and nothing is on its way: until a stage begins, blocks change nothing. */
  get isSettled(): boolean {
    return !this.#isRestarting() && this.#registry.all().every(isAtRest);
  }

  /** Its next status poll could tell it nothing new unless a node changed. */
  readonly isPolled = (): boolean => this.isSettled && this.#poll.isComplete;

  /** The next height after `height` at which a block could make this program do or note anything. */
  nextHeightOfInterest(height: number): number {
    if (this.#block === undefined || !this.isSettled) return height + 1;
    const ahead = stageHeights(this.#block).filter((stage) => stage > height);
    return ahead.length === 0 ? height + 1 : Math.min(...ahead);
  }

  async handle(request: WorldRequest): Promise<WorldOutcome> {
    if (this.faults.get('down') > 0 || this.#isRestarting()) return 'drop';
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

  /** Heights of the triggers of an epoch's confirmation PoCs. */
  readonly confirmationHeights = (pocStart: number) => this.#ledger.confirmationHeights(pocStart);

  /** The part of the books that concerns one PoC, by the height that its messages carry. */
  booksOf(pocStart: number): Record<string, unknown> {
    return { ...this.#ledger.of(pocStart), callbacks: this.#log.of(pocStart) };
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
      client: this.#client,
      side: () => this.#side,
      span: () => this.#ledger.latest()?.span,
      isPreserved: (node) => this.#ledger.latest()?.preservedNodes.has(node.config.id) ?? false,
      onGenerating: (node, height) => this.#ledger.at(height)?.nodesDispatched.add(node.config.id),
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
      client: this.#client,
      model: (node) => this.#modelOf(node).id,
      seed: this.#options.seed,
    });
  }

  #createAdmin(): (request: WorldRequest) => Promise<WorldOutcome> {
    return createAdminApi({
      registry: this.#registry,
      latestEpoch: () => this.#block?.epochs.latest_epoch.index ?? 0,
      isInEpochGroup: (id) => this.#ledger.isInEpochGroup(id),
      nodeView: (node) => ({
        pocWeight: this.#ledger.latestRegular()?.nonces.countOf(node.config.id) ?? 0,
        isPreserved: this.#preserved.isAllocated(node.config.id),
        modelArgs: this.#models,
      }),
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

  #createLedger(): EpochLedger {
    return new EpochLedger({
      pocVersion: this.#options.pocVersion ?? 1,
      alpha: this.#options.confirmationAlpha ?? 0.5,
      objection: (book) => this.#side.objection(book),
      preserved: (span) => this.#preserved.of(span, this.#nodeIds()),
      nodeIds: () => this.#nodeIds(),
    });
  }

  #createSide(): PocSide {
    const context = {
      clock: this.#clock,
      seed: this.#options.seed,
      registry: this.#registry,
      ledger: this.#ledger,
      log: this.#log,
      publicKey: this.publicKey,
      height: () => this.#block?.height,
      client: this.#client,
      model: this.#modelOf,
      callbackOrigin: () => this.#callbackOrigin(),
      isOperational: (node: NodeRecord) => isOperationalAt(node, this.#block),
      signal: () => this.#life.signal,
    };
    return choosePocSide(context, this.#options);
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

  async #handleCallback(request: WorldRequest): Promise<WorldOutcome> {
    if (this.faults.get('down') > 0 || this.#isRestarting()) return 'drop';
    return (await faultyCallbackAnswer(this.faults, this.#clock)) ?? this.#side.callbacks(request);
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

  #nodeIds(): readonly string[] {
    return this.#registry.all().map((node) => node.config.id);
  }

  #callbackOrigin(): string {
    const { callbackOrigin } = this.#options;
    return typeof callbackOrigin === 'string' ? callbackOrigin : callbackOrigin();
  }
}
