import type { WorldOutcome, WorldRequest } from '../../../src/world/exchange.ts';
import { ChainWorld } from '../../../src/world/chain/chain-world.ts';
import { NetworkNodeWorld } from '../../../src/world/network-node/network-node-world.ts';
import type { NetworkNodeWorldOptions } from '../../../src/world/network-node/network-node-options.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { ScriptedMlNode } from './scripted-ml-node.ts';

export const blockTimeMs = 5_350;
/** `poc_start` of the first PoC on the bench. */
export const pocStart = 2_089_140;

export const nodeBody = {
  id: 'node1',
  host: '10.0.0.21',
  inference_segment: '',
  inference_port: 5050,
  poc_segment: '',
  poc_port: 8080,
  models: { 'Qwen/QwQ-32B': { args: ['--tensor-parallel-size', '1'] } },
  max_concurrent: 500,
  hardware: [{ type: 'NVIDIA H100', count: 1 }],
};

/** A chain, a Network Node and one scripted ML node under a virtual clock. */
export class NetworkNodeBench {
  readonly clock = new VirtualClock(1_760_000_000_000);
  readonly mlNode = new ScriptedMlNode();
  readonly chain: ChainWorld;
  readonly node: NetworkNodeWorld;
  constructor(options: Partial<NetworkNodeWorldOptions> & { startHeight?: number } = {}) {
    const { startHeight = pocStart - 20, ...own } = options;
    this.chain = new ChainWorld({
      clock: this.clock,
      seed: 7,
      startHeight,
      firstPocStartHeight: pocStart,
      epochIndex: 134,
    });
    this.node = new NetworkNodeWorld({
      clock: this.clock,
      seed: 7,
      call: this.mlNode.call,
      callbackOrigin: 'http://api:9100',
      chatIntervalMs: 0,
      ...own,
    });
    this.node.onBlock(this.chain.latestBlock());
    this.chain.subscribe((block) => this.node.onBlock(block));
  }

  async toHeight(height: number): Promise<void> {
    while (this.chain.height < height) await this.clock.advanceBy(blockTimeMs);
  }

  async admin(method: string, path: string, body?: unknown, type = 'application/json'): Promise<TextAnswer> {
    return answered(await this.node.handle(request(method, `/admin/v1${path}`, body, type)));
  }

  async callback(kind: string, body: unknown, type = 'application/json'): Promise<TextAnswer> {
    return answered(await this.node.callbacks.handle(request('POST', `/v1/poc-batches/${kind}`, body, type)));
  }

  /** A batch as the ML node's sender posts it. */
  batch(nonces: readonly number[], nodeId = 1): Record<string, unknown> {
    return {
      public_key: this.node.publicKey,
      block_hash: this.chain.hashAt(pocStart),
      block_height: pocStart,
      nonces,
      dist: nonces.map(() => 1.39),
      node_id: nodeId,
    };
  }

  close(): void {
    this.node.close();
    this.chain.close();
  }
}

export function request(
  method: string,
  path: string,
  body?: unknown,
  type = 'application/json',
): WorldRequest {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return { method, path, headers: body === undefined ? {} : { 'content-type': type }, body: text };
}

export interface TextAnswer {
  readonly status: number;
  readonly body: string;
}

export function answered(outcome: WorldOutcome): TextAnswer {
  if (typeof outcome === 'string') throw new Error(`no answer: ${outcome}`);
  if (typeof outcome.body !== 'string') throw new Error('a stream where text was due');
  return { status: outcome.status, body: outcome.body };
}

export const jsonOf = (answer: TextAnswer): unknown => JSON.parse(answer.body) as unknown;
