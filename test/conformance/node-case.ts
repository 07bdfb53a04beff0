import { createRawPathTransport } from '../../src/adapters/raw-path-transport.ts';
import { type CallbackReceiver, openCallbackReceiver } from '../../src/conformance/callback-receiver.ts';
import { checkNode, type CheckOptions, type Outcome } from '../../src/conformance/check-node.ts';
import { type ServedNeighbour, serveNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { httpOutbound } from '../../src/sandbox/outbound.ts';
import { ScaledClock } from '../../src/sandbox/scaled-clock.ts';
import type {
  Outbound,
  WorldAnswer,
  WorldCall,
  WorldOutcome,
  WorldRequest,
} from '../../src/world/exchange.ts';
import { FaultBoard, type Neighbour } from '../../src/world/neighbour.ts';
import { NewestMlnode } from './newest-mlnode.ts';

/** World seconds in a real one. */
const speed = 1_000;

/** What stands between a conforming node and everybody else. Called for every request and every callback. */
export interface Mutation {
  answer?(
    request: WorldRequest,
    next: (request: WorldRequest) => Promise<WorldOutcome>,
    port: 'management' | 'inference',
  ): Promise<WorldOutcome>;
  post?(call: WorldCall, next: Outbound): Promise<WorldAnswer>;
}

/** A served node, and where its callbacks go. */
export interface NodeCase {
  readonly options: CheckOptions;
  readonly close: () => Promise<void>;
}

/** A conforming ML node of July 2026 over real HTTP, with a management and an inference port, as `mutation` shows it. */
export async function newestCase(mutation: Mutation = {}): Promise<NodeCase> {
  const clock = new ScaledClock({ originMs: Date.now(), speed });
  const post = httpOutbound();
  const node = new NewestMlnode({ clock, post: (call) => mutation.post?.(call, post) ?? post(call) });
  const face = (port: 'management' | 'inference', handle: Neighbour['handle']): Neighbour => ({
    faults: new FaultBoard([]),
    books: () => node.books(),
    close: () => node.close(),
    handle: (request) => mutation.answer?.(request, handle, port) ?? handle(request),
  });
  const management = await serveNeighbour(
    face('management', (request) => node.handle(request)),
    { port: 0 },
  );
  const inference = await serveNeighbour(
    face('inference', (request) => node.handleInference(request)),
    { port: 0 },
  );
  return nodeCase([management, inference], await openCallbackReceiver({ port: 0 }));
}

export function nodeCase(
  [management, inference]: readonly [ServedNeighbour, ServedNeighbour?],
  callbacks?: CallbackReceiver,
): NodeCase {
  return {
    options: {
      ...(callbacks === undefined ? {} : { callbacks }),
      ...(inference === undefined ? {} : { inferenceUrl: `http://127.0.0.1:${inference.port}` }),
      url: `http://127.0.0.1:${management.port}`,
      transport: createRawPathTransport(),
      signal: new AbortController().signal,
      pollLimitMs: 50,
      waitMs: 5_000,
      pauseMs: 5,
      versionPrefix: 'v3.0.8',
      isDisruptive: true,
    },
    close: async () => {
      await Promise.all([management.close(), inference?.close(), callbacks?.close()]);
    },
  };
}

export async function outcomesOf(options: CheckOptions): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of checkNode(options)) outcomes.push(outcome);
  return outcomes;
}

/** `MLN-001: reason` of every rule with that verdict. */
export const lines = (outcomes: readonly Outcome[], verdict: Outcome['verdict']): readonly string[] =>
  outcomes
    .filter((outcome) => outcome.verdict === verdict)
    .map(({ rule, reason }) => `${rule.id}: ${reason ?? ''}`.trim());

export const postJson = (url: string, body: unknown): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  });
