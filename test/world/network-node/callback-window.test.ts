import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NetworkNodeBench, nodeBody, pocStart } from './network-node-bench.ts';

let bench: NetworkNodeBench;
beforeEach(async () => {
  bench = new NetworkNodeBench();
  await bench.admin('POST', '/nodes', nodeBody);
});
afterEach(() => bench.close());

const statusAt = async (blocks: number, kind: 'generated' | 'validated'): Promise<number> => {
  await bench.toHeight(pocStart + blocks);
  return (await bench.callback(kind, bench.batch([1, 3]))).status;
};

describe('the windows in which callbacks are taken', () => {
  it('are one block after the start to the end of the exchange for generated batches', async () => {
    expect(await statusAt(0, 'generated')).toBe(500);
    expect(await statusAt(1, 'generated')).toBe(200);
    expect(await statusAt(65, 'generated')).toBe(200);
    expect(await statusAt(66, 'generated')).toBe(500);
    expect(bench.node.books()).toMatchObject({ callbacksLate: 2, noncesAccepted: 2, noncesDuplicate: 2 });
  });

  it('are one block after the start to the end of validation for validated ones', async () => {
    expect(await statusAt(65, 'validated')).toBe(500);
    expect(await statusAt(66, 'validated')).toBe(200);
    expect(await statusAt(185, 'validated')).toBe(200);
    expect(await statusAt(186, 'validated')).toBe(500);
  });

  it('stand in the books with the moments at which they opened and closed', async () => {
    await bench.toHeight(pocStart + 190);
    const { epochs } = bench.node.books() as {
      epochs: { windows: Record<string, { openedAtMs: number; closedAtMs: number }> }[];
    };
    const { generated, validated } = epochs[0]?.windows ?? {};
    expect((generated?.closedAtMs ?? 0) - (generated?.openedAtMs ?? 0)).toBe(65 * 5_350);
    expect((validated?.closedAtMs ?? 0) - (validated?.openedAtMs ?? 0)).toBe(120 * 5_350);
  });
});

describe('a callback that cannot be taken', () => {
  it('is answered late by as much as callbackSlow says', async () => {
    await bench.toHeight(pocStart + 5);
    bench.node.faults.set('callbackSlow', 4_000);
    let status = 0;
    const answer = bench.callback('generated', bench.batch([1])).then((given) => {
      ({ status } = given);
      return given;
    });
    await bench.clock.advanceBy(3_999);
    expect(status).toBe(0);
    await bench.clock.advanceBy(1);
    expect((await answer).status).toBe(200);
  });

  it('about a key of nobody fails as a transaction', async () => {
    await bench.toHeight(pocStart + 70);
    const stranger = { ...bench.batch([1]), public_key: '02ff' };
    expect(await bench.callback('validated', stranger)).toMatchObject({
      status: 500,
      body: expect.stringContaining('participant not found'),
    });
  });
});

describe('validation of the participants', () => {
  it('moves on to the next node when one breaks the exchange', async () => {
    await bench.admin('POST', '/nodes', { ...nodeBody, id: 'node2', host: '10.0.0.22' });
    bench.mlNode.intercept = (name, call) =>
      name === 'POST pow/validate' && call.url.includes('10.0.0.21')
        ? Promise.reject(new Error('socket hang up'))
        : undefined;
    await bench.toHeight(pocStart + 66);
    const tried = bench.mlNode.seen.filter(({ name }) => name === 'POST pow/validate');
    expect(tried.filter(({ call }) => call.url.includes('10.0.0.21')).length).toBeGreaterThan(0);
    expect(bench.mlNode.posted).toHaveLength(3);
    expect(bench.node.books()).toMatchObject({ epochs: [{ validationsDue: 3, validationsRequested: 3 }] });
  });

  it('is given up after five tries, and posts nothing without a validating node', async () => {
    bench.mlNode.intercept = (name) =>
      name === 'POST pow/validate' ? Promise.reject(new Error('socket hang up')) : undefined;
    await bench.toHeight(pocStart + 66);
    expect(bench.mlNode.names().filter((name) => name === 'POST pow/validate')).toHaveLength(15);
    expect(bench.node.books()).toMatchObject({ epochs: [{ validationsDue: 3, validationsRequested: 0 }] });
  });
});
