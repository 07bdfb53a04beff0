import type { Block } from '../chain/chain-world.ts';
import type { MlNodeClient } from './ml-node-client.ts';
import { stop } from './node-commands.ts';
import { type NodeRecord, type NodeTarget, isOperational, isSameTarget } from './node-record.ts';
import type { NodeRegistry } from './node-registry.ts';
import { NodeWorker } from './node-worker.ts';
import type { PocSide } from './poc-side.ts';
import type { PocSpan } from './poc-span.ts';

export interface BrokerContext {
  readonly registry: NodeRegistry;
  nowMs(): number;
  /** The newest block; undefined while the chain is not synced. */
  block(): Block | undefined;
  client(node: NodeRecord): MlNodeClient;
  side(): PocSide;
  /** The PoC that runs now, if one does. */
  span(): PocSpan | undefined;
  /** The node keeps serving inference through the PoC that runs now. */
  isPreserved(node: NodeRecord): boolean;
  /** `init/generate` (or its skip, because the node generates already) went through. */
  onGenerating(node: NodeRecord, stageHeight: number): void;
  onStatus(node: NodeRecord, from: NodeTarget, to: NodeTarget, reason: string): void;
}

/** Which intended status a phase gives to every node that takes part. */
export type Intention = 'startPoc' | 'initValidate' | 'inferenceUp';

/**
 * Keeps every node's actual status on its way to the intended one: one command at a time, cancelled when the intention
 * changes, sent again at the next reconcile when it failed (docs/reference/protocol.md "Loops and intervals").
 */
export class Broker {
  readonly #context: BrokerContext;
  readonly #workers = new WeakMap<NodeRecord, NodeWorker>();
  constructor(context: BrokerContext) {
    this.#context = context;
  }

  intend(intention: Intention, block: Block): void {
    const isInferencePhase = block.epochs.phase === 'Inference';
    for (const node of this.#context.registry.all()) {
      const isCalled = intention === 'inferenceUp' || !this.#context.isPreserved(node);
      if (isCalled && isOperational(node, block.epochs.latest_epoch.index, isInferencePhase)) {
        node.intended = targetOf(intention, node);
      } else if (intention !== 'inferenceUp') {
        node.intended = { status: 'INFERENCE', poc: node.intended.poc };
      }
    }
  }

  /** Cancels what is outdated and dispatches one command for each node whose status is not the intended one. */
  reconcile(): void {
    if (this.#context.block() === undefined) return;
    const side = this.#context.side();
    for (const node of this.#context.registry.all()) {
      if (node.inFlight !== undefined && !isSameTarget(node.inFlight.target, node.intended)) {
        node.inFlight.cancel.abort(new Error('intention changed'));
        node.inFlight = undefined;
      }
      const isDue = node.intended.status !== 'UNKNOWN' && !isSameTarget(node.intended, node.current);
      const isFree = node.inFlight === undefined && !node.isLeaving;
      if (isDue && isFree && side.isPossible(node, node.intended)) this.#dispatch(node);
    }
  }

  /** Resolves when nothing runs or waits for the node: what a DELETE blocks on. */
  async idle(node: NodeRecord): Promise<void> {
    await this.#worker(node).idle();
  }

  setStatus(node: NodeRecord, to: NodeTarget, reason: string): void {
    const from = node.current;
    node.current = to;
    node.failureReason = reason;
    node.statusAtMs = this.#context.nowMs();
    if (!isSameTarget(from, to)) this.#context.onStatus(node, from, to, reason);
  }

  /** Abandons everything in flight without a change of status, as when the program ends. */
  abandonAll(): void {
    for (const node of this.#context.registry.all()) {
      node.inFlight?.cancel.abort(new Error('program ended'));
      node.inFlight = undefined;
    }
  }

  #dispatch(node: NodeRecord): void {
    const target = node.intended;
    const cancel = new AbortController();
    const flight = { target, cancel };
    node.inFlight = flight;
    const isQueued = this.#worker(node).enqueue(async () => {
      const learned = await this.#execute(node, target, cancel.signal);
      if (node.inFlight === flight) node.inFlight = undefined;
      if (learned !== undefined) this.setStatus(node, learned.to, learned.reason);
    });
    if (!isQueued) node.inFlight = undefined;
  }

  /** What the command made of the node; undefined when it was cancelled. */
  async #execute(
    node: NodeRecord,
    target: NodeTarget,
    signal: AbortSignal,
  ): Promise<{ to: NodeTarget; reason: string } | undefined> {
    if (signal.aborted) return undefined;
    try {
      await this.#command(node, target, signal);
      return signal.aborted ? undefined : { to: target, reason: '' };
    } catch (error) {
      if (signal.aborted) return undefined;
      return { to: { status: 'FAILED', poc: node.current.poc }, reason: reasonOf(error) };
    }
  }

  async #command(node: NodeRecord, target: NodeTarget, signal: AbortSignal): Promise<void> {
    const side = this.#context.side();
    if (target.status === 'INFERENCE') return side.inferenceUp(node, signal);
    const span = this.#context.span();
    if (target.status !== 'POC' || span === undefined) return stop(this.#context.client(node), signal);
    await side.command(node, target, span, signal);
    if (target.poc === 'GENERATING' && !signal.aborted) this.#context.onGenerating(node, span.stageHeight);
  }

  #worker(node: NodeRecord): NodeWorker {
    const worker = this.#workers.get(node) ?? new NodeWorker();
    this.#workers.set(node, worker);
    return worker;
  }
}

function targetOf(intention: Intention, node: NodeRecord): NodeTarget {
  if (intention === 'inferenceUp') return { status: 'INFERENCE', poc: node.intended.poc };
  return { status: 'POC', poc: intention === 'startPoc' ? 'GENERATING' : 'VALIDATING' };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
