import { afterEach, describe, expect, test } from 'vitest';
import type { WorldCall } from '../../../src/world/exchange.ts';
import { NetworkNodeBench, nodeBody, pocStart } from '../../world/network-node/network-node-bench.ts';
import { callsOf, readTrace, type TracedCall } from './trace.ts';

let bench: NetworkNodeBench | undefined;
afterEach(() => bench?.close());

interface SentCall {
  /** `S+60 POST pow/init/validate`. */
  readonly name: string;
  readonly call: WorldCall;
}

/** Everything that the simulated Network Node sends to its node from S−1 until InferenceUp. */
async function oneEpoch(): Promise<SentCall[]> {
  bench = new NetworkNodeBench();
  const { mlNode, chain } = bench;
  await bench.admin('POST', '/nodes', nodeBody);
  await bench.toHeight(pocStart - 1);
  const before = mlNode.seen.length;
  const heights: number[] = [];
  mlNode.onCall = () => heights.push(chain.height - pocStart);
  await bench.toHeight(pocStart + 60);
  await bench.callback('generated', bench.batch([1, 3, 5]));
  await bench.toHeight(pocStart + 186);
  return mlNode.seen.slice(before).map(({ name, call }, place) => ({
    name: `S+${heights[place]} ${name}`,
    call,
  }));
}

const nameOf = ({ at, method, port, path }: TracedCall): string =>
  `${at} ${method} ${port === 'inference' ? ':inference' : ''}${path.replace('/api/v1/', '')}`;

/** Names and kinds of values, without the values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set((value as unknown[]).map((item) => typeof item))];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, shapeOf(each)]),
  );
}

const commands = callsOf(readTrace('v1-epoch')).filter(
  ({ command }) => command !== 'status poll' && command !== 'inference request',
);
const isPoll = ({ name }: SentCall): boolean =>
  name.endsWith(' GET state') || name.endsWith(' GET :inference/health');

describe('the trace of v1 and the simulated Network Node', () => {
  test('tell the same calls in the same order at the same heights, polls aside', async () => {
    const sent = await oneEpoch();
    const others: SentCall[] = [];
    let next = 0;
    for (const each of sent) {
      const expected = commands[next];
      if (expected !== undefined && nameOf(expected) === each.name) next += 1;
      else others.push(each);
    }
    expect(commands.slice(next).map(nameOf)).toEqual([]);
    expect(others.filter((each) => !isPoll(each)).map(({ name }) => name)).toEqual([]);
    expect(others.length).toBeGreaterThan(10);
  });

  test('send the same headers and bodies of the same shape', async () => {
    const sent = (await oneEpoch()).filter((each) => !isPoll(each));
    const traced = commands.filter(({ path }) => path !== '/api/v1/state');
    expect(sent.map(({ name }) => name)).toEqual(traced.map(nameOf));
    for (const [place, { call }] of sent.entries()) {
      const { body = '', contentType } = traced[place] as TracedCall;
      expect(call.headers['content-type']).toBe(contentType);
      expect(call.body === '').toBe(body === '');
      if (body !== '') expect(shapeOf(JSON.parse(call.body))).toEqual(shapeOf(JSON.parse(body)));
    }
  });

  test('send the parameters of mainnet, and one body for both phases', async () => {
    const constant = (body: string): unknown => {
      const { block_hash: _hash, public_key: _key, ...rest } = JSON.parse(body) as Record<string, unknown>;
      return rest;
    };
    const sent = (await oneEpoch()).filter(({ name }) => name.includes('pow/init/'));
    const traced = commands.filter(({ path }) => path.includes('pow/init/'));
    expect(sent).toHaveLength(2);
    for (const [place, { call }] of sent.entries())
      expect(constant(call.body)).toEqual(constant(traced[place]?.body ?? ''));
    expect(new Set(traced.map(({ body }) => body)).size).toBe(1);
  });

  test('start the same model with the same arguments', async () => {
    const up = (await oneEpoch()).find(({ name }) => name.endsWith('inference/up'));
    const traced = commands.find(({ path }) => path.endsWith('/inference/up'));
    expect(up?.call.body).toBe(traced?.body);
  });
});
