import { afterEach, describe, expect, it } from 'vitest';
import { createNetworkNode } from '../../src/adapters/network-node/index.ts';
import { serveChain } from '../../src/sandbox/chain.ts';
import { serveNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { serveNetworkNode } from '../../src/sandbox/network-node.ts';
import { httpOutbound } from '../../src/sandbox/outbound.ts';
import { ScaledClock } from '../../src/sandbox/scaled-clock.ts';
import { MlnodeWorld } from '../../src/world/machine/mlnode.ts';
import { Random } from '../../src/world/random.ts';

const model = 'Qwen/Qwen3-32B-FP8';
const signal = AbortSignal.timeout(60_000);
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Row {
  readonly verdict: string;
  readonly noncesAccepted: number;
  readonly noncesOutOfClass: number;
  readonly artifactsCommitted: number;
  readonly validationsDelivered: number;
  readonly ratio: number | null;
}
interface Books {
  readonly pocVersion: number;
  readonly artifactsAccepted: number;
  readonly confirmationsServed: number;
  readonly confirmationsMissed: number;
  readonly epochs: readonly Row[];
  readonly confirmations: readonly Row[];
  readonly statusFailures: number;
  readonly callbacks: { readonly accepted: readonly { readonly hash: string }[] };
}

describe('chain, Network Node and an ML node of 2026 over loopback HTTP', () => {
  it('run one epoch of PoC v2 with its confirmation PoC to the end', async () => {
    const world = { port: 0, seed: 12, speed: 240, originMs: Date.now() };
    const mlnode = new MlnodeWorld({
      clock: new ScaledClock(world),
      random: new Random(11),
      gpus: [{ name: 'H100 SXM', ramMb: 81_559 }],
      image: 'ghcr.io/gonka-ai/mlnode:3.0.14-post2',
      inferenceStartMs: 5_000,
      inetDownMbps: 10_000,
      post: httpOutbound(),
    });
    const machine = await serveNeighbour(mlnode, { port: 0 });
    const inference = await serveNeighbour(
      { ...mlnodeFace(mlnode), handle: (request) => mlnode.handleInference(request) },
      { port: 0 },
    );
    closing.push(
      () => machine.close(),
      () => inference.close(),
    );
    const chain = await serveChain({
      ...world,
      startHeight: 5_000,
      firstPocStartHeight: 5_020,
      flavour: 'v2-confirmation',
      firstConfirmationWithinBlocks: 5,
    });
    closing.push(() => chain.close());
    const node = await serveNetworkNode({
      ...world,
      pocVersion: 2,
      governanceModels: { [model]: ['--max-model-len', '32768'] },
      chain: `http://127.0.0.1:${chain.port}`,
      chatIntervalMs: 0,
    });
    closing.push(() => node.close());
    const origin = `http://127.0.0.1:${node.port}`;
    await createNetworkNode({ adminUrl: origin }).upsert(
      {
        id: 'node1',
        host: '127.0.0.1',
        pocPort: machine.port,
        inferencePort: inference.port,
        pocSegment: '',
        inferenceSegment: '',
        models: { [model]: { args: ['--max-model-len', '1', '--tensor-parallel-size', '1'] } },
        maxConcurrent: 10,
        hardware: [],
      },
      signal,
    );
    const books = async (): Promise<Books> =>
      (await (await fetch(`${origin}/sandbox/books`, { signal })).json()) as Books;
    await expect
      .poll(async () => (await books()).confirmations[0]?.verdict, { timeout: 20_000 })
      .toBe('served');
    const seen = await books();
    expect(seen).toMatchObject({ pocVersion: 2, confirmationsServed: 1, confirmationsMissed: 0 });
    for (const row of [seen.epochs[0], seen.confirmations[0]]) {
      expect(row).toMatchObject({ validationsDelivered: 3, noncesOutOfClass: 0 });
      expect(row?.artifactsCommitted).toBeGreaterThan(300);
    }
    expect(seen.epochs[0]?.verdict).toBe('completed');
    expect(seen.confirmations[0]?.ratio).toBeGreaterThan(0.8);
    const posted = JSON.stringify(mlnode.books());
    for (const { hash } of seen.callbacks.accepted) expect(posted).toContain(hash);
  });
});

const mlnodeFace = (mlnode: MlnodeWorld) => ({
  faults: mlnode.faults,
  books: () => mlnode.books(),
  close: () => undefined,
});
