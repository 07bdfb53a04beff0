import { expect, it, onTestFinished } from 'vitest';
import { createSimulatedMlnode } from '../../../src/adapters/mlnode/index.ts';
import type { ModelProgress } from '../../../src/machines/lease-context.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { startModel } from '../../../src/wiring/machine/model-start.ts';
import { MlnodeWorld } from '../../../src/world/machine/mlnode.ts';
import { Random } from '../../../src/world/random.ts';
import { silent } from '../small-town.ts';

const model = 'Qwen/Qwen3-32B-FP8';
const order = {
  model,
  file: { repo: model, commit: null },
  upBody: JSON.stringify({ model, dtype: 'auto', additional_args: [] }),
};

function rig(log = '') {
  const clock = new VirtualClock(1_000_000);
  const world = new MlnodeWorld({
    clock,
    random: new Random(4),
    gpus: [{ name: 'H100 SXM', ramMb: 81_559 }],
    image: 'ghcr.io/gonka-ai/mlnode:3.0.14-post2',
    post: () => Promise.reject(new Error('no callback is due')),
  });
  onTestFinished(() => world.close());
  const mlnode = createSimulatedMlnode({ world, clock });
  const progress: ModelProgress[] = [];
  const ending = new AbortController();
  const start = (): Promise<void> =>
    startModel(
      {
        room: {
          isOpen: () => true,
          mlnode: () => mlnode,
          exec: async () => ({ exitCode: 0, stdout: log, stderr: '' }),
        },
        clock,
        log: silent,
        onProgress: (_leaseId, seen) => void progress.push(seen),
      },
      'A',
      order,
      ending.signal,
    );
  /** Lets an hour of the world pass at most. */
  const ended = async (work: Promise<void>): Promise<unknown> => {
    const seen: unknown[] = [];
    work.then(
      () => seen.push('up'),
      (error: unknown) => seen.push(error),
    );
    for (let step = 0; step < 240 && seen.length === 0; step += 1) await clock.advanceBy(15_000);
    if (seen.length === 0) ending.abort();
    return seen[0];
  };
  return { world, mlnode, progress, start, ended, signal: ending.signal };
}

it('fetches the weights, starts vLLM, says how far it is, and ends when the model is served', async () => {
  const { mlnode, progress, start, ended } = rig();
  expect(await ended(start())).toBe('up');
  expect(await mlnode.servedModels(new AbortController().signal)).toEqual([model]);
  expect(new Set(progress.map(({ step }) => step))).toEqual(new Set(['downloading', 'starting']));
  expect(progress.every(({ elapsedSeconds }, at) => at === 0 || elapsedSeconds > 0)).toBe(true);
});

it('asks for nothing again when the model is up already', async () => {
  const { world, start, ended } = rig();
  expect(await ended(start())).toBe('up');
  const before = JSON.stringify(world.books());
  await start();
  expect(JSON.stringify(world.books())).toBe(before);
});

it('tells a model that does not fit from one that crashed', async () => {
  const short = rig();
  short.world.faults.set('oomAtLoad', 1);
  expect(await short.ended(short.start())).toMatchObject({ code: 'MODEL_OUT_OF_MEMORY', class: 'terminal' });
});

it('keeps what the log of the machine says', async () => {
  const { world, start, ended } = rig('loading\ntorch.OutOfMemoryError: CUDA out of memory.\n');
  world.faults.set('oomAtLoad', 1);
  expect(await ended(start())).toMatchObject({
    code: 'MODEL_OUT_OF_MEMORY',
    message: expect.stringContaining('CUDA out of memory') as string,
  });
});
