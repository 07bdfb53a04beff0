import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** One state of a chart, as a drawing needs it. */
export interface ChartState {
  /** Keys from the root down, joined by dots: `renting.choosing`. */
  readonly id: string;
  readonly key: string;
  /** Id of the state around it; null at the top. */
  readonly parent: string | null;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final';
  /** Entered first when the state around it is entered. */
  readonly isInitial: boolean;
  /** Invokes that run while it is active. */
  readonly work: readonly string[];
}

export interface ChartExit {
  /** In short: `PLAN.CHANGED`, `createInstance done`, `after loadLimit`, `always`. */
  readonly event: string;
  readonly guard: string | null;
}

/** Everything that leads from one state to another. */
export interface ChartEdge {
  readonly from: string;
  readonly to: string;
  readonly exits: readonly ChartExit[];
}

export interface ChartGraph {
  readonly chart: string;
  readonly states: readonly ChartState[];
  readonly edges: readonly ChartEdge[];
}

/** A chart as nodes and edges. What holds in every state (the root's own transitions) is left out, and what leads nowhere. */
export function chartGraph(machine: AnyStateMachine): ChartGraph {
  return { chart: machine.root.key, states: statesIn(machine.root), edges: edgesOf(machine.root) };
}

const idOf = (node: AnyStateNode): string => node.path.join('.');

function statesIn(node: AnyStateNode): ChartState[] {
  const first = node.type === 'compound' ? node.initial.target?.[0] : undefined;
  return Object.values(node.states).flatMap((child) => [
    {
      id: idOf(child),
      key: child.key,
      parent: node.path.length === 0 ? null : idOf(node),
      kind: child.type === 'history' ? 'atomic' : child.type,
      isInitial: child === first || node.type === 'parallel',
      work: child.invoke.map(({ id }) => id),
    },
    ...statesIn(child),
  ]);
}

function edgesOf(root: AnyStateNode): ChartEdge[] {
  const edges = new Map<string, { from: string; to: string; exits: ChartExit[] }>();
  const walk = (node: AnyStateNode): void => {
    for (const transition of node.path.length === 0 ? [] : transitionsOf(node)) {
      for (const target of transition.target ?? []) {
        const [from, to] = [idOf(node), idOf(target)];
        if (from === to) continue;
        const edge = edges.get(`${from}>${to}`) ?? { from, to, exits: [] };
        edge.exits.push({ event: shortEvent(transition.eventType), guard: guardName(transition.guard) });
        edges.set(`${from}>${to}`, edge);
      }
    }
    for (const child of Object.values(node.states)) walk(child);
  };
  walk(root);
  return [...edges.values()];
}

const transitionsOf = (node: AnyStateNode): AnyTransitionDefinition[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];

/** XState's own names for what happens by itself, in short. */
export const shortEvent = (type: string): string =>
  type
    .replace(/^xstate\.done\.actor\.(.+)$/, '$1 done')
    .replace(/^xstate\.error\.actor\.(.+)$/, '$1 failed')
    .replace(/^xstate\.done\.state\..+$/, 'done')
    .replace(/^xstate\.after\.([^.]+)\..*$/, 'after $1')
    .replace(/^$/, 'always');

function guardName(guard: unknown): string | null {
  if (guard === undefined) return null;
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'function') return guard.name || 'guard';
  return typeof guard === 'object' && guard !== null && 'type' in guard ? String(guard.type) : 'guard';
}
