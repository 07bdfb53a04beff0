import type { Broker } from './broker.ts';
import { type MlNodeClient, fieldOf, pocV2StatusOf, pollTimeoutMs } from './ml-node-client.ts';
import type { NodeRecord, NodeStatus } from './node-record.ts';
import type { NodeRegistry } from './node-registry.ts';

/** A node whose status was learned since the last round is left out of this one; a little under the 60 s period. */
const freshMs = 55_000;
/** The least pause between two rounds, whatever triggers them. */
const minPauseMs = 2_000;

const statusOfState: Readonly<Record<string, NodeStatus>> = {
  POW: 'POC',
  INFERENCE: 'INFERENCE',
  STOPPED: 'STOPPED',
  TRAIN: 'TRAINING',
};

export interface PollFigures {
  polls: number;
  /** Polls that made a node FAILED. */
  failures: number;
  lastFailure: string;
}

/**
 * The status poll (docs/reference/protocol.md "Status poll"): `state`, and vLLM's health when it says INFERENCE; since
 * PoC v2 also what it computes and which model it serves.
 */
export class StatusPoll {
  readonly figures: PollFigures = { polls: 0, failures: 0, lastFailure: '' };
  readonly #registry: NodeRegistry;
  readonly #broker: Broker;
  readonly #client: (node: NodeRecord) => MlNodeClient;
  readonly #nowMs: () => number;
  readonly #expectedModel: ((node: NodeRecord) => string) | undefined;
  #lastRoundMs = Number.NEGATIVE_INFINITY;
  #isComplete = false;
  constructor(options: {
    registry: NodeRegistry;
    broker: Broker;
    client: (node: NodeRecord) => MlNodeClient;
    nowMs: () => number;
    /** The model that a node has to serve; undefined = a program of PoC v1, which does not look. */
    expectedModel: ((node: NodeRecord) => string) | undefined;
  }) {
    this.#registry = options.registry;
    this.#broker = options.broker;
    this.#client = options.client;
    this.#nowMs = options.nowMs;
    this.#expectedModel = options.expectedModel;
  }

  /** The last round left nobody out: what a node shows since its last change was seen. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  round(): void {
    const now = this.#nowMs();
    if (now - this.#lastRoundMs < minPauseMs) return;
    this.#lastRoundMs = now;
    this.#isComplete = true;
    for (const node of this.#registry.all()) {
      const isFresh = node.current.status !== 'UNKNOWN' && now - node.statusAtMs < freshMs;
      if (isFresh) this.#isComplete = false;
      else if (!node.isLeaving) void this.#poll(node, now);
    }
  }

  async #poll(node: NodeRecord, startedMs: number): Promise<void> {
    this.figures.polls += 1;
    const { status, reason } = await statusOf(this.#client(node), this.#expectedModel?.(node), node);
    // A command that runs, or ended meanwhile, knows better.
    if (node.inFlight !== undefined || node.statusAtMs > startedMs) return;
    if (status === 'FAILED') {
      this.figures.failures += 1;
      this.figures.lastFailure = reason;
    }
    this.#broker.setStatus(node, { status, poc: node.current.poc }, reason);
  }
}

async function statusOf(
  client: MlNodeClient,
  expectedModel: string | undefined,
  node: NodeRecord,
): Promise<{ status: NodeStatus; reason: string }> {
  try {
    const answer = await client.get(client.managementUrl('/api/v1/state'), undefined, pollTimeoutMs);
    if (answer.status !== 200) return { status: 'FAILED', reason: `state answered ${answer.status}` };
    const status = statusOfState[String(fieldOf(answer, 'state'))] ?? 'UNKNOWN';
    node.isServingInPoc = expectedModel !== undefined && fieldOf(answer, 'poc_validation_inference') === true;
    if (status !== 'INFERENCE') return { status, reason: '' };
    if (expectedModel !== undefined) {
      const poc = await pocV2StatusOf(client, undefined, pollTimeoutMs);
      if (poc === 'GENERATING' || poc === 'VALIDATING') return { status: 'POC', reason: '' };
    }
    const health = await client.get(client.inferenceUrl('/health'), undefined, pollTimeoutMs);
    if (health.status !== 200)
      return { status: 'FAILED', reason: `inference health answered ${health.status}` };
    const served = expectedModel === undefined ? undefined : await servedModel(client);
    if (served === undefined || served === expectedModel) return { status, reason: '' };
    return { status: 'FAILED', reason: `serves ${served}, not ${expectedModel}` };
  } catch (error) {
    return { status: 'FAILED', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The first model of the list; undefined when the list tells nothing, or cannot be had. */
async function servedModel(client: MlNodeClient): Promise<string | undefined> {
  try {
    const answer = await client.get(client.inferenceUrl('/v1/models'), undefined, pollTimeoutMs);
    const data = fieldOf(answer, 'data');
    const id = Array.isArray(data) ? (data[0] as { id?: unknown } | undefined)?.id : undefined;
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
