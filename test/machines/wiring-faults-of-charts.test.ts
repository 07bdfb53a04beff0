import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, type AnyStateNode, createMachine } from 'xstate';
import { wiringFaults } from '../../src/machines/wiring-faults.ts';
import type { Chart } from '../../src/runtime/interface.ts';
import { charts, volatileCharts } from '../../src/wiring/charts.ts';

const all: readonly (readonly [string, Chart])[] = Object.entries({ ...charts, ...volatileCharts });

/**
 * Ways in which a chart can leave, or never leave, an invoke that moves money. Whatever leaves the state of such an
 * invoke, from its own node, one above, one below or another region, must be that invoke's done or error; and one of
 * the ways out of each must be open whatever the guards say.
 */
function moneyFaults(machine: AnyStateMachine, moneyActors: readonly string[]): string[] {
  const nodes = nodesOf(machine.root);
  return nodes.flatMap((node) =>
    node.invoke
      .filter(({ src }) => typeof src === 'string' && moneyActors.includes(src))
      .flatMap(({ id }) => {
        const own = [`xstate.done.actor.${id}`, `xstate.error.actor.${id}`];
        const strangers = nodes
          .flatMap((source) => transitionsOf(source).map((transition) => ({ source, transition })))
          .filter(
            ({ source, transition }) =>
              leaves(node, source, transition) && !own.includes(transition.eventType),
          )
          .map(({ source, transition }) => `${node.id} is left by "${transition.eventType}" of ${source.id}`);
        const stuck = own
          .filter(
            (event) => !(node.transitions.get(event) ?? []).some(({ guard, target }) => !guard && target),
          )
          .map((event) => `${node.id} is not always left by "${event}"`);
        return [...strangers, ...stuck];
      }),
  );
}

type Transition = ReturnType<typeof transitionsOf>[number];

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child: AnyStateNode) => nodesOf(child)),
];
const transitionsOf = (node: AnyStateNode) => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];
const lineOf = (node: AnyStateNode): AnyStateNode[] =>
  node.parent ? [node, ...lineOf(node.parent)] : [node];
const isWithin = (node: AnyStateNode, outer: AnyStateNode): boolean => lineOf(node).includes(outer);

/** True when the transition can be taken while `node` is active, and exits it. */
function leaves(node: AnyStateNode, source: AnyStateNode, transition: Transition): boolean {
  const { target: targets, reenter } = transition;
  if (targets === undefined || targets.length === 0) return false;
  const common = lineOf(source).find((outer) => isWithin(node, outer));
  const isAtOnce = isWithin(source, node) || isWithin(node, source) || common?.type === 'parallel';
  if (!isAtOnce) return false;
  const staysInside = !reenter && targets.every((target) => target !== source && isWithin(target, source));
  const domain = staysInside
    ? source
    : lineOf(source)
        .slice(1)
        .find((outer) => targets.every((target) => target !== outer && isWithin(target, outer)));
  // Without a common ancestor below the root everything is left.
  return domain === undefined || (node !== domain && isWithin(node, domain));
}

describe('every chart of the daemon', () => {
  test.each(all)('%s names nothing that is not there', (_name, { machine }) => {
    expect(wiringFaults(machine)).toEqual([]);
  });

  test.each(all)('%s leaves an invoke that moves money only by its own outcome', (_name, chart) => {
    expect(moneyFaults(chart.machine, chart.moneyActors)).toEqual([]);
  });

  test.each(all)('%s knows the actors that it counts as money', (_name, { machine, moneyActors }) => {
    const actors = Object.keys(machine.implementations.actors);
    expect(moneyActors.filter((actor) => !actors.includes(actor))).toEqual([]);
    const movers = actors.filter((actor) => /^(create|destroy)/.test(actor));
    expect([...moneyActors].toSorted()).toEqual(movers.toSorted());
  });
});

describe('the walk for money finds', () => {
  const pay = { id: 'pay', src: 'pay', onDone: 'idle', onError: 'idle' };
  const faultsOf = (config: object): string[] =>
    moneyFaults(createMachine({ id: 'm', ...config } as never), ['pay']);

  test('nothing where an event is only noted, or moves a state inside', () => {
    const paying = {
      invoke: pay,
      initial: 'a',
      on: { NOTE: { actions: 'note' } },
      states: { a: { on: { GO: 'b' } }, b: {} },
    };
    expect(faultsOf({ initial: 'paying', states: { idle: {}, paying } })).toEqual([]);
  });

  test.each<[string, object, string]>([
    [
      'an event of the state itself',
      { initial: 'paying', states: { idle: {}, paying: { invoke: pay, on: { STOP: 'idle' } } } },
      'm.paying is left by "STOP" of m.paying',
    ],
    [
      'an event of the root',
      { initial: 'paying', on: { STOP: '.idle' }, states: { idle: {}, paying: { invoke: pay } } },
      'm.paying is left by "STOP" of m',
    ],
    [
      'an event of a state inside',
      {
        initial: 'paying',
        states: {
          idle: {},
          paying: { invoke: pay, initial: 'a', states: { a: { on: { STOP: '#m.idle' } } } },
        },
      },
      'm.paying is left by "STOP" of m.paying.a',
    ],
    [
      'a time limit',
      { initial: 'paying', states: { idle: {}, paying: { invoke: pay, after: { 1000: 'idle' } } } },
      'm.paying is left by "xstate.after.1000.m.paying" of m.paying',
    ],
    [
      'a way round an event that enters it again',
      {
        initial: 'paying',
        states: { idle: {}, paying: { invoke: pay, on: { AGAIN: { target: 'paying', reenter: true } } } },
      },
      'm.paying is left by "AGAIN" of m.paying',
    ],
    [
      'another region that leaves both',
      {
        initial: 'both',
        states: {
          idle: {},
          both: {
            type: 'parallel',
            states: {
              a: { initial: 'paying', states: { idle: {}, paying: { invoke: pay } } },
              b: { on: { STOP: '#m.idle' } },
            },
          },
        },
      },
      'm.both.a.paying is left by "STOP" of m.both.b',
    ],
    [
      'an outcome that a guard may hold back',
      {
        initial: 'paying',
        states: { idle: {}, paying: { invoke: { ...pay, onDone: { guard: 'isRich', target: 'idle' } } } },
      },
      'm.paying is not always left by "xstate.done.actor.pay"',
    ],
  ])('%s', (_title, config, fault) => {
    expect(faultsOf(config)).toEqual([fault]);
  });
});
