import type { Outbound, WorldAnswer } from '../exchange.ts';
import { Random } from '../random.ts';
import { chatBody } from './chat-body.ts';
import { judgeChat } from './chat-judge.ts';
import type { MlNodeClient } from './ml-node-client.ts';
import type { NodeRecord } from './node-record.ts';

/** Limit of one request, real milliseconds. */
const chatTimeoutMs = 30 * 60_000;
/** Nodes tried for one request: transport errors and 5xx move on to another node. */
const nodeLimit = 3;

export interface ChatFigures {
  requests: number;
  failed: number;
  streamed: number;
  /** Moments at which no node was available, so that nothing was sent. */
  withoutNode: number;
  /** Good answers that lack log probabilities: they count as served, validation would not accept them. */
  withoutLogprobs: number;
  /** Reason → count. */
  readonly failures: Record<string, number>;
}

/** Inference requests of the network's clients, plain and streamed in turn, through the registered nodes. */
export class ChatTraffic {
  readonly figures: ChatFigures = {
    requests: 0,
    failed: 0,
    streamed: 0,
    withoutNode: 0,
    withoutLogprobs: 0,
    failures: {},
  };
  readonly #call: Outbound;
  readonly #available: () => readonly NodeRecord[];
  readonly #client: (node: NodeRecord) => MlNodeClient;
  readonly #model: (node: NodeRecord) => string;
  readonly #random: Random;
  #turn = 0;
  constructor(options: {
    call: Outbound;
    /** Nodes that may serve now, least loaded first. */
    available: () => readonly NodeRecord[];
    client: (node: NodeRecord) => MlNodeClient;
    model: (node: NodeRecord) => string;
    seed: number;
  }) {
    this.#call = options.call;
    this.#available = options.available;
    this.#client = options.client;
    this.#model = options.model;
    this.#random = new Random(options.seed);
  }

  async send(): Promise<void> {
    const nodes = this.#available().slice(0, nodeLimit);
    const [first] = nodes;
    if (first === undefined) {
      this.figures.withoutNode += 1;
      return;
    }
    this.#turn += 1;
    const isStream = this.#turn % 2 === 0;
    const model = this.#model(first);
    this.figures.requests += 1;
    if (isStream) this.figures.streamed += 1;
    const body = JSON.stringify(chatBody(this.#clientRequest(model, isStream), this.#inferenceSeed()));
    const answer = await this.#ask(nodes, body);
    const verdict =
      answer === undefined ? { fault: 'no answer', hasLogprobs: true } : judgeChat(answer, model, isStream);
    if (verdict.fault !== undefined) {
      this.figures.failed += 1;
      this.figures.failures[verdict.fault] = (this.figures.failures[verdict.fault] ?? 0) + 1;
    } else if (!verdict.hasLogprobs) this.figures.withoutLogprobs += 1;
  }

  /** The last node's answer counts when all of them fail. */
  async #ask(nodes: readonly NodeRecord[], body: string): Promise<WorldAnswer | undefined> {
    let last: WorldAnswer | undefined;
    for (const node of nodes) {
      node.lockCount += 1;
      try {
        last = await this.#call({
          method: 'POST',
          url: this.#client(node).inferenceUrl('/v1/chat/completions'),
          headers: { 'user-agent': 'Go-http-client/1.1', 'content-type': 'application/json' },
          body,
          timeoutMs: chatTimeoutMs,
        });
        if (last.status < 500) return last;
      } catch {
        last = undefined;
      } finally {
        node.lockCount -= 1;
      }
    }
    return last;
  }

  #clientRequest(model: string, isStream: boolean): Record<string, unknown> {
    const content = `Request ${this.#turn}: name one property of the number ${this.#turn}.`;
    return { model, messages: [{ role: 'user', content }], max_tokens: 64, stream: isStream };
  }

  /** 32 bits, may be negative. */
  #inferenceSeed(): number {
    return Math.floor(this.#random.between(-(2 ** 31), 2 ** 31));
  }
}
