import { describe, expect, test } from 'vitest';
import { epochMachine } from '../../src/machines/epoch.ts';
import { epochModel } from './epoch-model.ts';
import { epochId, EpochWorld } from './epoch-world.ts';
import { type ModelPath, modelPaths, transitionsOf } from './model-paths.ts';
import { samplePlan } from './sample-rows.ts';

const sprint = epochModel(false);
const epochLong = epochModel(true);
const sprintPaths = modelPaths(sprint);
/** Before the hold both policies are the same. */
const holdPaths = modelPaths(epochLong).filter(({ transitions }) =>
  transitions.some((transition) => /^(holding|\w+Again)/.test(transition)),
);
/** States of the real chart that the paths passed. */
const passed = new Set<string>();

async function walk(mode: 'sprint' | 'epoch', path: ModelPath): Promise<void> {
  const world = new EpochWorld(mode);
  try {
    await path.walk(
      (event) => world.act(event),
      (model) => {
        passed.add(world.state);
        world.compare(model);
      },
    );
  } finally {
    await world.rig.close();
  }
}

const titled = (paths: readonly ModelPath[]) => paths.map((path) => [path.title, path] as const);

describe('a PoC in a sprint, along every path of its model', () => {
  test.each(titled(sprintPaths))('%s', (_title, path) => walk('sprint', path));
});

describe('a PoC whose machine is held for the next, along every path through the hold', () => {
  test.each(titled(holdPaths))('%s', (_title, path) => walk('epoch', path));
});

test('the paths take every transition of the model, crash in every state, and pass every state of the chart', () => {
  const taken = new Set([...sprintPaths, ...holdPaths].flatMap(({ transitions }) => transitions));
  const all = new Set([...transitionsOf(sprint), ...transitionsOf(epochLong)]);
  expect([...taken].toSorted()).toEqual([...all].toSorted());
  expect(Object.keys(sprint.states).filter((state) => !taken.has(`${state} crash`))).toEqual([]);
  // Taking over is walked in hand-over.test.ts.
  const momentary = new Set(['planned', 'takingOver.looking', 'takingOver.asking']);
  const resting = leafStates(epochMachine.root).filter((state) => !momentary.has(state));
  expect([...passed].toSorted()).toEqual(resting.toSorted());
});

test('with the policy off nothing is awaited and nothing is rented', async () => {
  const world = new EpochWorld('off');
  try {
    expect(world.state).toBe('skipped');
    expect(world.rig.runtime.row(epochId)?.status).toBe('done');
    await world.rig.crash();
    await world.rig.height(samplePlan('off').validationEndHeight);
    expect(world.rig.running(epochId)).toBeUndefined();
    world.rig.check();
  } finally {
    await world.rig.close();
  }
});

function leafStates(node: { states: object; path: readonly string[] }): string[] {
  const children = Object.values(node.states) as (typeof node)[];
  return children.length === 0 ? [node.path.join('.')] : children.flatMap(leafStates);
}
