import { describe, expect, it, onTestFinished } from 'vitest';
import { chapters } from '../../src/conformance/chapters.ts';
import { openCallbackReceiver } from '../../src/conformance/callback-receiver.ts';
import { checkNode } from '../../src/conformance/check-node.ts';
import { serveNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { httpOutbound } from '../../src/sandbox/outbound.ts';
import { ScaledClock } from '../../src/sandbox/scaled-clock.ts';
import { MlnodeWorld } from '../../src/world/machine/mlnode.ts';
import type { Neighbour } from '../../src/world/neighbour.ts';
import { Random } from '../../src/world/random.ts';
import { gpus, quick } from './newest-mlnode.ts';
import { lines, newestCase, nodeCase, outcomesOf, postJson } from './node-case.ts';

const model = 'org/model';
const both = { model, generations: ['v1', 'v2'] } as const;

describe('a conforming ML node of July 2026', () => {
  it('keeps every rule, found stopped or serving, and is left as it was found', async () => {
    const { options, close } = await newestCase();
    onTestFinished(close);
    const stopped = await outcomesOf({ ...options, ...both });
    expect(lines(stopped, 'failed')).toEqual([]);
    expect(lines(stopped, 'skipped')).toEqual([
      'MLN-032: {inference}/health is not 200 at the moment',
      'MLN-033: no model is named on both sides',
    ]);
    expect(await stateOf(options.url)).toMatchObject({ state: 'STOPPED' });

    await postJson(`${options.url}/api/v1/inference/up`, { model, dtype: 'auto', additional_args: [] });
    const serving = await outcomesOf({ ...options, generations: ['v1', 'v2'] });
    expect(lines(serving, 'failed')).toEqual([]);
    expect(lines(serving, 'skipped')).toEqual(['MLN-004: the state is INFERENCE']);
    expect(await stateOf(options.url)).toMatchObject({ state: 'INFERENCE', loaded_model: model });
  });

  it('finds out by itself which generations of PoC are served', async () => {
    const { options, close } = await newestCase();
    onTestFinished(close);
    const outcomes = await outcomesOf({ ...options, isDisruptive: false });
    expect(lines(outcomes, 'failed')).toEqual([]);
    const byItself = outcomes.filter(({ rule }) => ['MLN-060', 'MLN-120'].includes(rule.id));
    expect(byItself.map(({ verdict }) => verdict)).toEqual(['ok', 'ok']);
  });

  it('is only looked at unless told otherwise', async () => {
    const calls = new Set<string>();
    const { options, close } = await newestCase({
      answer: (request, next) => {
        if (request.method !== 'GET') calls.add(`${request.method} ${request.path}`);
        return next(request);
      },
    });
    onTestFinished(close);
    const outcomes = await outcomesOf({ ...options, ...both, isDisruptive: false });
    expect([...calls].toSorted()).toEqual(['POST /api/v1/models/status', 'POST /api/v1/state']);
    const disruptive = chapters.filter((chapter) => chapter.isDisruptive).flatMap(({ rules }) => rules);
    const left = outcomes.filter(({ reason }) => reason?.includes('--disruptive') === true);
    expect(left.map(({ rule }) => rule.id)).toEqual(disruptive.map(({ id }) => id));
  });

  it('is brought back to its service when the check is abandoned in the middle of a PoC', async () => {
    const { options, close } = await newestCase();
    onTestFinished(close);
    await postJson(`${options.url}/api/v1/inference/up`, { model, dtype: 'auto', additional_args: [] });
    for await (const { rule } of checkNode({ ...options, ...both })) {
      if (rule.id !== 'MLN-081') continue;
      expect(await stateOf(options.url)).toMatchObject({ state: 'POW' });
      break;
    }
    expect(await stateOf(options.url)).toMatchObject({ state: 'INFERENCE', loaded_model: model });
  });

  it('gets its callbacks looked at only where somebody listens', async () => {
    const { options, close } = await newestCase();
    onTestFinished(close);
    const { callbacks: _, ...deaf } = options;
    const outcomes = await outcomesOf({ ...deaf, ...both });
    expect(lines(outcomes, 'failed')).toEqual([]);
    const skipped = outcomes.filter(({ reason }) => reason?.includes('--callback-listen') === true);
    expect(skipped.map(({ rule }) => rule.id)).toEqual(
      expect.arrayContaining(['MLN-090', 'MLN-095', 'MLN-103', 'MLN-140', 'MLN-144', 'MLN-162']),
    );
  });
});

describe("the world's ML node of 2025 behind its nginx", () => {
  it('keeps every rule of PoC v1', async () => {
    const clock = new ScaledClock({ originMs: Date.now(), speed: 1_000 });
    const random = new Random(5);
    const world = new MlnodeWorld({ ...quick, clock, random, gpus, post: httpOutbound() });
    const front: Neighbour = {
      faults: world.faults,
      books: () => world.books(),
      close: () => world.close(),
      handle: (request) => world.handle({ ...request, path: request.path.replace(/^\/v3\.0\.8/, '') }),
    };
    const served = await serveNeighbour(front, { port: 0 });
    const { options, close } = nodeCase([served], await openCallbackReceiver({ port: 0 }));
    onTestFinished(close);
    const outcomes = await outcomesOf({ ...options, model });
    expect(lines(outcomes, 'failed')).toEqual([]);
    const ownHealth = "this port shows the node's own health: name the inference port (--inference-url)";
    expect(lines(outcomes, 'skipped').filter((line) => !line.includes('PoC v2'))).toEqual([
      'MLN-005: GET /api/v1/versions is not served (404)',
      'MLN-012: POST /api/v1/models/status is not served (404)',
      'MLN-013: POST /api/v1/models/status is not served (404)',
      'MLN-014: POST /api/v1/models/status is not served (404)',
      `MLN-030: ${ownHealth}`,
      `MLN-031: ${ownHealth}`,
      `MLN-032: ${ownHealth}`,
      'MLN-033: no model is named on both sides',
      'MLN-040: POST /api/v1/models/status is not served (404)',
      'MLN-041: GET /api/v1/models/list is not served (404)',
      'MLN-042: GET /api/v1/models/space is not served (404)',
      'MLN-045: GET /api/v1/gpu/driver is not served (404)',
      'MLN-046: GET /api/v1/models/list is not served (404)',
      `MLN-083: ${ownHealth}`,
      `MLN-053: ${ownHealth}`,
    ]);
  });
});

const stateOf = async (url: string): Promise<unknown> => (await fetch(`${url}/api/v1/state`)).json();
