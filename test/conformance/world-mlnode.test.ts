import { describe, expect, it, onTestFinished } from 'vitest';
import { openCallbackReceiver } from '../../src/conformance/callback-receiver.ts';
import { serveNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { httpOutbound } from '../../src/sandbox/outbound.ts';
import { ScaledClock } from '../../src/sandbox/scaled-clock.ts';
import { text, type WorldOutcome, type WorldRequest } from '../../src/world/exchange.ts';
import { MlnodeWorld } from '../../src/world/machine/mlnode.ts';
import type { Neighbour } from '../../src/world/neighbour.ts';
import { Random } from '../../src/world/random.ts';
import { gpus, quick } from './newest-mlnode.ts';
import { lines, type NodeCase, nodeCase, outcomesOf, postJson } from './node-case.ts';

const both = { model: 'Qwen/Qwen3-32B-FP8', generations: ['v1', 'v2'] } as const;

/** The world's ML node over real HTTP, with a management and an inference port, behind the nginx that takes a version away. */
async function worldCase(image: string): Promise<NodeCase> {
  const world = new MlnodeWorld({
    ...quick,
    clock: new ScaledClock({ originMs: Date.now(), speed: 1_000 }),
    random: new Random(5),
    gpus: [gpus, gpus].flat(),
    image,
    post: httpOutbound(),
  });
  const face = (handle: (request: WorldRequest) => Promise<WorldOutcome>): Neighbour => ({
    faults: world.faults,
    books: () => world.books(),
    close: () => world.close(),
    handle: (request) => handle({ ...request, path: request.path.replace(/^\/v3\.0\.8(?=\/)/, '') }),
  });
  const management = await serveNeighbour(
    face((request) => world.handle(request)),
    { port: 0 },
  );
  const inference = await serveNeighbour(
    face(async (request) => {
      const outcome = await world.handleInference(request);
      // A front of the operator's own, as the proxy on the management port says it.
      return outcome === 'drop' ? text(503, 'No vLLM backend available') : outcome;
    }),
    { port: 0 },
  );
  return nodeCase([management, inference], await openCallbackReceiver({ port: 0 }));
}

describe("the world's ML node of 2026", () => {
  it('keeps every rule of PoC v1 and v2, found stopped or serving, with two back ends', async () => {
    const { options, close } = await worldCase('ghcr.io/gonka-ai/mlnode:3.0.14-post2');
    onTestFinished(close);
    const stopped = await outcomesOf({ ...options, ...both });
    expect(lines(stopped, 'failed')).toEqual([]);
    expect(lines(stopped, 'skipped')).toEqual([
      'MLN-032: {inference}/health is not 200 at the moment',
      'MLN-033: no model is named on both sides',
    ]);
    await postJson(`${options.url}/api/v1/inference/up`, {
      model: both.model,
      dtype: 'auto',
      additional_args: [],
    });
    const serving = await outcomesOf({ ...options, generations: ['v1', 'v2'] });
    expect(lines(serving, 'failed')).toEqual([]);
    expect(lines(serving, 'skipped')).toEqual(['MLN-004: the state is INFERENCE']);
  });

  it('keeps every rule with the first image that has PoC v2, whose state has one field', async () => {
    const { options, close } = await worldCase('ghcr.io/gonka-ai/mlnode:3.0.12-post5');
    onTestFinished(close);
    const outcomes = await outcomesOf({ ...options, ...both });
    expect(lines(outcomes, 'failed')).toEqual([]);
    expect(lines(outcomes, 'skipped')).toEqual(
      expect.arrayContaining(['MLN-005: GET /api/v1/versions is not served (404)']),
    );
    expect(lines(outcomes, 'skipped').filter((line) => /MLN-1[2-6]/.test(line))).toEqual([]);
  });
});
