import type { AnyStateMachine } from 'xstate';

/** One arrow of a chart: an event, an `always`, an `after`, an outcome of an invoke. */
interface Edge {
  readonly name: string;
  readonly isGuarded: boolean;
  /** Times that it was let through, and that its guard held it back. */
  passed: number;
  heldBack: number;
}

/** XState's own object for it; only the guard is of interest. */
interface Definition {
  guard?: unknown;
  readonly target?: readonly { readonly path: readonly string[] }[];
}

interface Node {
  readonly path: readonly string[];
  readonly transitions: ReadonlyMap<string, readonly Definition[]>;
  readonly always?: readonly Definition[];
  readonly states: Readonly<Record<string, Node>>;
}

type GuardArgs = { readonly context: unknown; readonly event: unknown };

/**
 * Counts which transitions of the production charts are taken, by whatever runs them: each guard is asked as before,
 * and its answer noted; an arrow without one gets a guard that says yes. For one process, from `watch` on.
 */
export class TransitionCoverage {
  readonly #charts = new Map<string, Edge[]>();

  /** Once for each chart, before anything runs it. */
  watch(chart: string, machine: AnyStateMachine): void {
    const edges: Edge[] = [];
    this.#charts.set(chart, edges);
    const visit = (node: Node): void => {
      for (const [event, candidates] of node.transitions) note(edges, machine, node, event, candidates);
      note(edges, machine, node, 'always', node.always ?? []);
      for (const child of Object.values(node.states)) visit(child);
    };
    visit(machine.root as unknown as Node);
  }

  /** What was never taken, or never held back, in words; empty = all of it. */
  gaps(chart: string): readonly string[] {
    return this.#edges(chart).flatMap((edge) => [
      ...(edge.passed === 0 ? [`${chart}: ${edge.name} was never taken`] : []),
      ...(edge.isGuarded && edge.heldBack === 0 ? [`${chart}: ${edge.name} was never held back`] : []),
    ]);
  }

  /** `lease: 41 of 41 transitions, 12 of 12 guards both ways`. */
  line(chart: string): string {
    const edges = this.#edges(chart);
    const guarded = edges.filter(({ isGuarded }) => isGuarded);
    const taken = edges.filter(({ passed }) => passed > 0).length;
    const both = guarded.filter(({ passed, heldBack }) => passed > 0 && heldBack > 0).length;
    return `${chart}: ${taken} of ${edges.length} transitions, ${both} of ${guarded.length} guards both ways`;
  }

  #edges(chart: string): readonly Edge[] {
    const edges = this.#charts.get(chart);
    if (edges === undefined) throw new RangeError(`chart "${chart}" is not watched`);
    return edges;
  }
}

function note(
  edges: Edge[],
  machine: AnyStateMachine,
  { path }: Node,
  event: string,
  candidates: readonly Definition[],
): void {
  for (const [at, definition] of candidates.entries()) {
    const { guard } = definition;
    const target = definition.target?.map((one) => one.path.join('.')).join(' & ') ?? 'itself';
    const nth = candidates.length > 1 ? ` (${at + 1} of ${candidates.length})` : '';
    const name = `${path.join('.') || 'root'} — ${event}${nth} → ${target}`;
    const edge: Edge = { name, isGuarded: guard !== undefined, passed: 0, heldBack: 0 };
    edges.push(edge);
    definition.guard = (args: GuardArgs): boolean => {
      const isOpen = guard === undefined || answerOf(machine, guard, args);
      if (isOpen) edge.passed += 1;
      else edge.heldBack += 1;
      return isOpen;
    };
  }
}

/** As XState asks a guard that is a name, a name with params, or a function. */
function answerOf(machine: AnyStateMachine, guard: unknown, args: GuardArgs): boolean {
  if (typeof guard === 'function') return Boolean((guard as (args: GuardArgs) => unknown)(args));
  const { type, params } =
    typeof guard === 'string'
      ? { type: guard, params: undefined }
      : (guard as { type: string; params?: unknown });
  const implementation = machine.implementations.guards[type] as
    | ((args: GuardArgs, params: unknown) => unknown)
    | undefined;
  if (typeof implementation !== 'function') throw new Error(`guard "${type}" is no function`);
  const given: unknown = typeof params === 'function' ? params(args) : params;
  return Boolean(implementation(args, given));
}
