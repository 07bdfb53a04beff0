import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { writes } from './writes.ts';

/**
 * What types and XState's own runtime both let through: names that a chart uses and nobody implements (an unknown
 * delay fires at once, an unknown action is skipped), invokes whose failure nobody handles, and actions that the
 * durable runtime would refuse, because they are neither an assignment nor one of `writes`. Asserted empty for every
 * chart.
 */
export function wiringFaults(machine: AnyStateMachine): string[] {
  return faultsOf(machine.root, machine.implementations as Implementations);
}

interface Implementations {
  readonly actors: Table;
  readonly actions: Table;
  readonly guards: Table;
  readonly delays: Table;
}
type Table = Readonly<Record<string, unknown>>;

function faultsOf(node: AnyStateNode, known: Implementations): string[] {
  const { actors, guards, delays } = known;
  const transitions = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
  const actions = [...node.entry, ...node.exit, ...transitions.flatMap((transition) => transition.actions)];
  const own = [
    ...unknownInitial(node),
    ...node.invoke.flatMap((invoke) => unknown('actor', invoke.src, actors)),
    ...node.invoke
      .filter((invoke) => !isErrorHandled(node, invoke.id))
      .map(({ id }) => `invoke "${id}" has no onError`),
    ...delayNames(node).flatMap((delay) => unknown('delay', delay, delays)),
    ...transitions.flatMap(({ guard }) => guardFaults(guard, guards)),
    ...actions.flatMap((action) => actionFaults(action, known.actions)),
  ];
  return [
    ...own.map((fault) => `${node.id}: ${fault}`),
    ...Object.values(node.states).flatMap((child: AnyStateNode) => faultsOf(child, known)),
  ];
}

function unknownInitial(node: AnyStateNode): string[] {
  if (node.type !== 'compound') return [];
  const { initial } = node.config as { initial?: string | { target: string } };
  const target = typeof initial === 'object' ? initial.target : initial;
  return target !== undefined && target in node.states ? [] : [`unknown initial "${target}"`];
}

function unknown(kind: string, reference: unknown, table: Table): string[] {
  const name = nameOf(reference);
  if (name === undefined || name.startsWith('xstate.')) return [`${kind} without a name`];
  return name in table ? [] : [`unknown ${kind} "${name}"`];
}

/** `and`, `or` and `not` are functions that carry the guards they join. */
function guardFaults(guard: unknown, table: Table): string[] {
  if (guard === undefined) return [];
  if (typeof guard !== 'function') return unknown('guard', guard, table);
  const joined = 'guards' in guard && Array.isArray(guard.guards) ? (guard.guards as unknown[]) : [];
  return joined.flatMap((inner) => guardFaults(inner, table));
}

/** Built-in actions are functions with a `type`; those of them that only move the chart itself are pure. */
const pureActions = new Set(['xstate.assign', 'xstate.raise', 'xstate.cancel', 'xstate.enqueueActions']);

function actionFaults(action: unknown, table: Table): string[] {
  const name = nameOf(action);
  const isBuiltIn = name?.startsWith('xstate.') === true;
  if (name !== undefined && !isBuiltIn && !(name in table)) return [`unknown action "${name}"`];
  const implementation = name === undefined || isBuiltIn ? action : table[name];
  if (isPure(implementation) || (writes as Table)[name ?? ''] === implementation) return [];
  return [`action "${name ?? 'inline function'}" is neither an assignment nor a write`];
}

function isPure(implementation: unknown): boolean {
  const type = typeof implementation === 'function' ? nameOf(implementation) : undefined;
  return type !== undefined && pureActions.has(type);
}

const delayNames = (node: AnyStateNode): string[] =>
  Object.keys((node.config as { after?: object }).after ?? {}).filter((delay) => !/^\d+$/.test(delay));

function isErrorHandled(node: AnyStateNode, invokeId: string): boolean {
  const handled = ['*', 'xstate.error.*', 'xstate.error.actor.*', `xstate.error.actor.${invokeId}`];
  for (let at: AnyStateNode | undefined = node; at; at = at.parent) {
    const { transitions } = at;
    if (handled.some((descriptor) => transitions.has(descriptor))) return true;
  }
  return false;
}

function nameOf(reference: unknown): string | undefined {
  if (typeof reference === 'string') return reference;
  const isHolder = typeof reference === 'function' || (typeof reference === 'object' && reference !== null);
  if (!isHolder) return undefined;
  return 'type' in reference && typeof reference.type === 'string' ? reference.type : undefined;
}
