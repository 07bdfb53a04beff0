import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeWorker } from '../../../src/world/network-node/node-worker.ts';
import { NetworkNodeBench, blockTimeMs, jsonOf, nodeBody, pocStart } from './network-node-bench.ts';

let bench: NetworkNodeBench;
beforeEach(() => {
  bench = new NetworkNodeBench({ startHeight: pocStart - 60 });
});
afterEach(() => bench.close());

const status = async (): Promise<unknown> => {
  const [row] = jsonOf(await bench.admin('GET', '/nodes')) as { state: Record<string, unknown> }[];
  return row?.state['current_status'];
};
const count = (name: string): number => bench.mlNode.names().filter((seen) => seen === name).length;

describe('a node in phase Inference', () => {
  it('is left alone when it serves the expected model', async () => {
    await bench.admin('POST', '/nodes', nodeBody);
    await bench.toHeight(pocStart - 10);
    expect(await status()).toBe('INFERENCE');
    expect(count('POST stop')).toBe(0);
    expect(count('POST inference/up')).toBe(0);
  });

  it('is stopped and started when the broker, not content with it, finds another model', async () => {
    bench.mlNode.model = 'other/model';
    bench.mlNode.intercept = () =>
      bench.mlNode.seen.length === 1 ? Promise.resolve({ status: 500, body: '' }) : undefined;
    await bench.admin('POST', '/nodes', nodeBody);
    await bench.toHeight(pocStart - 10);
    const up = bench.mlNode.seen.find(({ name }) => name === 'POST inference/up');
    expect(JSON.parse(up?.call.body ?? '')).toEqual({
      model: 'Qwen/QwQ-32B',
      dtype: 'auto',
      additional_args: ['--tensor-parallel-size', '1'],
    });
    expect(up?.call.headers).not.toHaveProperty('content-type');
  });

  it.each([
    ['state', 'GET state'],
    ['health', 'GET :inference/health'],
  ])('becomes FAILED when %s is not answered with 200, and recovers', async (_what, name) => {
    await bench.admin('POST', '/nodes', nodeBody);
    await bench.toHeight(pocStart - 50);
    const sick = (seen: string): Promise<{ status: number; body: string }> | undefined =>
      seen === name ? Promise.resolve({ status: 500, body: '' }) : undefined;
    bench.mlNode.intercept = sick;
    const failures = (): unknown => bench.node.books()['statusFailures'];
    for (let blocks = 0; failures() === 0 && blocks < 30; blocks += 1)
      await bench.clock.advanceBy(blockTimeMs);
    expect(failures()).toBe(1);
    bench.mlNode.intercept = () => undefined;
    await bench.clock.advanceBy(60_000);
    expect(bench.node.books()['stateHistory']).toContainEqual(
      expect.objectContaining({ to: { status: 'FAILED', poc: 'IDLE' } }),
    );
    expect(await status()).toBe('INFERENCE');
  });

  it('polls with a limit of 5 real seconds', async () => {
    await bench.admin('POST', '/nodes', nodeBody);
    expect(bench.mlNode.seen[0]).toMatchObject({ name: 'GET state', call: { timeoutMs: 5_000 } });
  });
});

describe('a deregistration', () => {
  it('waits for the command that is in flight', async () => {
    await bench.admin('POST', '/nodes', nodeBody);
    let finish = (): void => undefined;
    bench.mlNode.intercept = (name) =>
      name === 'POST pow/init/generate'
        ? new Promise((resolve) => {
            finish = () => resolve({ status: 200, body: '' });
          })
        : undefined;
    await bench.toHeight(pocStart + 1);
    let isGone = false;
    const removal = bench.admin('DELETE', '/nodes/node1').then((answer) => {
      isGone = true;
      return answer;
    });
    await bench.clock.advanceBy(1_000);
    expect(isGone).toBe(false);
    finish();
    expect((await removal).body).toBe('true');
  });
});

describe('admin state', () => {
  it('keeps a disabled node out of the next PoC', async () => {
    await bench.admin('POST', '/nodes', nodeBody);
    await bench.admin('POST', '/nodes/node1/disable');
    await bench.toHeight(pocStart + 190);
    expect(count('POST pow/init/generate')).toBe(0);
  });

  it('takes a node out of the running PoC when the program restarts, and numbers nodes anew', async () => {
    await bench.admin('POST', '/nodes', { ...nodeBody, id: 'first' });
    await bench.admin('DELETE', '/nodes/first');
    await bench.admin('POST', '/nodes', nodeBody);
    await bench.toHeight(pocStart + 5);
    expect(bench.mlNode.init?.node_id).toBe(2);
    bench.node.faults.set('restart', 2 * blockTimeMs);
    expect(await bench.node.handle({ method: 'GET', path: '/admin/v1/nodes', headers: {}, body: '' })).toBe(
      'drop',
    );
    await bench.toHeight(pocStart + 190);
    expect(count('POST pow/init/validate')).toBe(0);
    await bench.toHeight(pocStart + 605);
    expect(bench.mlNode.init).toMatchObject({ node_id: 1, node_count: 2, block_height: pocStart + 600 });
    const { callbacks } = bench.node.books() as { callbacks: { outages: unknown[] } };
    expect(callbacks.outages).toHaveLength(1);
  });
});

describe('the worker of a node', () => {
  it('runs one command after the other and holds ten', async () => {
    const worker = new NodeWorker();
    const order: number[] = [];
    const taken = Array.from({ length: 12 }, (_, number) =>
      worker.enqueue(async () => {
        await Promise.resolve();
        order.push(number);
      }),
    );
    expect(taken).toEqual([...Array.from({ length: 11 }, () => true), false]);
    await worker.idle();
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
