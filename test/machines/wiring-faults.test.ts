import { and, assign, createMachine, emit, fromPromise, not, raise, setup } from 'xstate';
import { describe, expect, test } from 'vitest';
import { wiringFaults } from '../../src/machines/wiring-faults.ts';
import { writes } from '../../src/machines/writes.ts';

const ask = fromPromise(() => Promise.resolve(null));
const implementations = {
  actors: { ask },
  actions: { ...writes, note: assign({}), custom: () => undefined, shout: emit({ type: 'LOUD' }) },
  guards: { isRich: () => true },
  delays: { patience: 1_000 },
};
/** Through `createMachine`, whose types let every mistake pass. */
const faultsOf = (config: object): string[] =>
  wiringFaults(createMachine({ id: 'm', ...config } as never).provide(implementations as never));

describe('the wiring of a chart', () => {
  test('is sound when every name has its implementation and every action is a write or an assignment', () => {
    const machine = setup({
      ...implementations,
      actions: { ...writes, note: assign({}) },
    }).createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          entry: [
            { type: 'raiseAlert', params: { key: 'k', code: 'STORE_BROKEN', message: 'm' } },
            'note',
            raise({ type: 'GO' }),
          ],
          invoke: { id: 'ask', src: 'ask', onDone: { target: 'b', guard: 'isRich' }, onError: 'b' },
          after: { patience: 'b', 500: 'b' },
        },
        b: { type: 'final' },
      },
    });
    expect(wiringFaults(machine)).toEqual([]);
  });

  test.each([
    ['an unknown actor', { invoke: { src: 'asc', onError: {} } }, 'm: unknown actor "asc"'],
    ['an actor without a name', { invoke: { src: ask, onError: {} } }, 'm: actor without a name'],
    ['a failure that nobody handles', { invoke: { id: 'i', src: 'ask' } }, 'm: invoke "i" has no onError'],
    ['an unknown guard', { on: { GO: { guard: 'isRch' } } }, 'm: unknown guard "isRch"'],
    [
      'an unknown guard inside others',
      { on: { GO: { guard: and(['isRich', not('isRch')]) } } },
      'm: unknown guard "isRch"',
    ],
    ['an unknown delay', { after: { patiense: {} } }, 'm: unknown delay "patiense"'],
    ['an unknown entry action', { entry: 'nte' }, 'm: unknown action "nte"'],
    ['an unknown transition action', { on: { GO: { actions: 'nte' } } }, 'm: unknown action "nte"'],
    [
      'an unknown eventless action',
      { always: { guard: 'isRich', actions: 'nte' } },
      'm: unknown action "nte"',
    ],
    ['a misspelled initial state', { initial: 'c', states: { a: {} } }, 'm: unknown initial "c"'],
    ['an action of its own', { exit: 'custom' }, 'm: action "custom" is neither an assignment nor a write'],
    ['an emitted event', { entry: 'shout' }, 'm: action "shout" is neither an assignment nor a write'],
    [
      'an inline function',
      { entry: () => undefined },
      'm: action "inline function" is neither an assignment nor a write',
    ],
  ])('shows %s', (_name, config, fault) => {
    expect(faultsOf(config)).toEqual([fault]);
  });

  test('shows a write that was replaced by something else', () => {
    const machine = createMachine({ id: 'm', entry: 'tell' } as never).provide({
      actions: { tell: () => undefined },
    });
    expect(wiringFaults(machine)).toEqual(['m: action "tell" is neither an assignment nor a write']);
  });

  test('accepts a failure that a parent handles', () => {
    const states = { a: { invoke: { id: 'i', src: 'ask' } } };
    const on = { 'xstate.error.actor.i': '.a' };
    expect(faultsOf({ initial: 'a', states, on })).toEqual([]);
  });

  test('names the state in which the fault is', () => {
    expect(faultsOf({ initial: 'a', states: { a: { entry: 'nte' } } })).toEqual([
      'm.a: unknown action "nte"',
    ]);
  });
});
