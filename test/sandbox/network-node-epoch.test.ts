import { afterEach, describe, expect, it } from 'vitest';
import { createNetworkNode } from '../../src/adapters/network-node/index.ts';
import { serveChain } from '../../src/sandbox/chain.ts';
import { serveNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { serveNetworkNode } from '../../src/sandbox/network-node.ts';
import { httpOutbound } from '../../src/sandbox/outbound.ts';
import { ScaledClock } from '../../src/sandbox/scaled-clock.ts';
import { MlnodeWorld } from '../../src/world/machine/mlnode.ts';
import { Random } from '../../src/world/random.ts';

const signal = AbortSignal.timeout(60_000);
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Books {
  readonly phase: string;
  readonly completed: number;
  readonly epochs: readonly {
    readonly verdict: string;
    readonly noncesAccepted: number;
    readonly validationsDelivered: number;
    readonly fraudVotes: number;
  }[];
  readonly nodes: readonly { readonly current: { readonly status: string } }[];
  readonly callbacks: { readonly accepted: readonly { readonly kind: string; readonly hash: string }[] };
}

describe('chain, Network Node and an ML node over loopback HTTP', () => {
  it('run one epoch of PoC v1 to its end, with honest verdicts about every participant', async () => {
    const world = { port: 0, seed: 11, speed: 200, originMs: Date.now() };
    const clock = new ScaledClock(world);
    const mlnode = new MlnodeWorld({
      clock,
      random: new Random(11),
      gpus: [{ name: 'H100 SXM', ramMb: 81_559 }],
      inferenceStartMs: 5_000,
      post: httpOutbound(),
    });
    const machine = await serveNeighbour(mlnode, { port: 0 });
    closing.push(() => machine.close());
    const chain = await serveChain({ ...world, startHeight: 5_000, firstPocStartHeight: 5_020 });
    closing.push(() => chain.close());
    const node = await serveNetworkNode({
      ...world,
      chain: `http://127.0.0.1:${chain.port}`,
      chatIntervalMs: 0,
    });
    closing.push(() => node.close());
    const origin = `http://127.0.0.1:${node.port}`;
    const ports = { pocPort: machine.port, inferencePort: machine.port };
    await createNetworkNode({ adminUrl: origin }).upsert(
      {
        id: 'node1',
        host: '127.0.0.1',
        ...ports,
        pocSegment: '',
        inferenceSegment: '',
        models: { 'Qwen/QwQ-32B': { args: [] } },
        maxConcurrent: 10,
        hardware: [],
      },
      signal,
    );
    const books = async (): Promise<Books> =>
      (await (await fetch(`${origin}/sandbox/books`, { signal })).json()) as Books;
    await expect.poll(async () => (await books()).epochs[0]?.verdict, { timeout: 15_000 }).toBe('completed');
    const { epochs, callbacks } = await books();
    expect(epochs[0]).toMatchObject({
      validationsDelivered: 4,
      fraudVotes: 0,
      noncesDuplicate: 0,
      refused: 0,
    });
    expect(epochs[0]?.noncesAccepted).toBeGreaterThan(20);
    const posted = JSON.stringify(mlnode.books());
    expect(callbacks.accepted.length).toBeGreaterThan(5);
    for (const { hash } of callbacks.accepted) expect(posted).toContain(hash);
    await expect
      .poll(async () => (await books()).nodes[0]?.current.status, { timeout: 10_000 })
      .toBe('INFERENCE');
  });
});
