import { vi } from 'vitest';
import { createNetworkNode } from '../../src/adapters/network-node/index.ts';
import type { NetworkNode } from '../../src/adapters/network-node/interface.ts';
import { serveChain } from '../../src/sandbox/chain.ts';
import { serveNetworkNode } from '../../src/sandbox/network-node.ts';
import { NetworkNodeBench, answered, pocStart, request } from '../world/network-node/network-node-bench.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The same Network Node in one of its forms, 10 blocks into a PoC; no ML node answers. */
export interface NetworkNodeForm {
  /** The daemon's adapter in front of it. */
  readonly adapter: NetworkNode;
  readonly callbackOrigin: string;
  admin(method: string, path: string, body?: unknown, type?: string): Promise<Answer>;
  callback(path: string, body: unknown, type?: string): Promise<Answer>;
  fault(name: string, value: number): Promise<void>;
  books(): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const startHeight = pocStart + 10;

export async function inWorld(): Promise<NetworkNodeForm> {
  const bench = new NetworkNodeBench({ startHeight, call: () => Promise.reject(new Error('refused')) });
  const { node, clock } = bench;
  return {
    adapter: createNetworkNode({ world: node, clock }),
    callbackOrigin: 'http://api:9100',
    admin: (method, path, body, type) => bench.admin(method, path, body, type),
    callback: async (path, body, type) =>
      answered(await node.callbacks.handle(request('POST', path, body, type))),
    fault: async (name, value) => node.faults.set(name, value),
    books: async () => node.books(),
    close: async () => bench.close(),
  };
}

export async function inSandbox(): Promise<NetworkNodeForm> {
  const world = { seed: 7, port: 0, speed: 1, originMs: Date.now() };
  // Blocks so slow that none comes during a test.
  const blocks = { startHeight, firstPocStartHeight: pocStart, epochIndex: 134, blockTimeMs: 3_600_000 };
  const chain = await serveChain({ ...world, ...blocks });
  const served = await serveNetworkNode({
    ...world,
    chain: `http://127.0.0.1:${chain.port}`,
    chatIntervalMs: 0,
  });
  const origin = `http://127.0.0.1:${served.port}`;
  const callbackOrigin = `http://127.0.0.1:${served.callbackPort}`;
  const form: NetworkNodeForm = {
    adapter: createNetworkNode({ adminUrl: origin, timeoutMs: 2_000 }),
    callbackOrigin,
    admin: (method, path, body, type) => ask(method, `${origin}/admin/v1${path}`, body, type),
    callback: (path, body, type) => ask('POST', `${callbackOrigin}${path}`, body, type),
    fault: async (name, value) => {
      await ask('POST', `${origin}/sandbox/faults`, { name, value });
    },
    books: async () =>
      JSON.parse((await ask('GET', `${origin}/sandbox/books`)).body) as Record<string, unknown>,
    close: async () => {
      await served.close();
      await chain.close();
    },
  };
  await vi.waitUntil(async () => (await form.books())['height'] !== null, { interval: 5 });
  return form;
}

async function ask(method: string, url: string, body?: unknown, type = 'application/json'): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const sent = body === undefined ? {} : { body: Buffer.from(text), headers: { 'content-type': type } };
  const response = await fetch(url, { method, ...sent, signal: AbortSignal.timeout(5_000) });
  return { status: response.status, body: await response.text() };
}
