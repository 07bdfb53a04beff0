import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition, StateValue } from 'xstate';

/** Renders a statechart as Mermaid `stateDiagram-v2`; with a state value, its active states are marked. */
export function toMermaid(machine: AnyStateMachine, active?: StateValue): string {
  const lines = ['stateDiagram-v2', ...states(machine.root, 1), ...edges(machine.root)];
  const marked = active === undefined ? [] : activeNodes(machine.root, active);
  if (marked.length > 0) lines.push('  classDef active fill:#fde68a,stroke:#b45309');
  return [...lines, ...marked.map((node) => `  class ${idOf(node)} active`)].join('\n');
}

const idOf = (node: AnyStateNode): string => (node.path.join('__') || node.key).replaceAll(/\W/g, '_');

function states(node: AnyStateNode, depth: number): string[] {
  const pad = '  '.repeat(depth);
  const lines: string[] = [];
  const first = node.type === 'compound' ? node.initial.target?.[0] : undefined;
  if (first) lines.push(`${pad}[*] --> ${idOf(first)}`);
  for (const [index, child] of Object.values(node.states).entries()) {
    if (node.type === 'parallel' && index > 0) lines.push(`${pad}--`);
    const work = child.invoke.map((invoke) => invoke.id).join(', ');
    const box = `${pad}state "${work ? `${child.key} (${work})` : child.key}" as ${idOf(child)}`;
    const inner = states(child, depth + 1);
    lines.push(...(inner.length > 0 ? [`${box} {`, ...inner, `${pad}}`] : [box]));
    if (child.type === 'final') lines.push(`${pad}${idOf(child)} --> [*]`);
  }
  return lines;
}

/** Transitions of the root hold in every state and would only hide the picture; they are left out. */
function edges(node: AnyStateNode): string[] {
  const own = node.path.length > 0 ? transitionsOf(node) : [];
  return [
    ...own.flatMap((transition) =>
      (transition.target ?? []).map(
        (target) => `  ${idOf(node)} --> ${idOf(target)}: ${labelOf(transition)}`,
      ),
    ),
    ...Object.values(node.states).flatMap(edges),
  ];
}

const transitionsOf = (node: AnyStateNode): AnyTransitionDefinition[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];

function labelOf(transition: AnyTransitionDefinition): string {
  const event = transition.eventType
    .replace(/^xstate\.done\.actor\.(.+)$/, '$1 done')
    .replace(/^xstate\.error\.actor\.(.+)$/, '$1 failed')
    .replace(/^xstate\.done\.state\..+$/, 'done')
    .replace(/^xstate\.after\.([^.]+)\..*$/, 'after $1')
    .replace(/^$/, 'always');
  const guard = guardName(transition.guard);
  // A colon or a semicolon would end the label for Mermaid.
  return (guard ? `${event} [${guard}]` : event).replaceAll(/[:;]/g, ' ');
}

function guardName(guard: unknown): string | undefined {
  if (guard === undefined || typeof guard === 'string') return guard;
  if (typeof guard === 'function') return guard.name || 'guard';
  return typeof guard === 'object' && guard !== null && 'type' in guard ? String(guard.type) : 'guard';
}

/** A state value names the path from the root down; parents are active with their children. */
function activeNodes(node: AnyStateNode, value: StateValue): AnyStateNode[] {
  const branches = typeof value === 'string' ? { [value]: undefined } : value;
  return Object.entries(branches).flatMap(([key, inner]) => {
    const child = node.states[key] as AnyStateNode | undefined;
    if (!child) return [];
    return [child, ...(inner === undefined ? [] : activeNodes(child, inner))];
  });
}
