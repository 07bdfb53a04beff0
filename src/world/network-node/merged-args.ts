import type { NodeRecord } from './node-record.ts';

/**
 * Arguments of a model start: governance's first, then local ones whose `--key` governance does not set. Local short
 * flags are dropped (docs/reference/protocol.md "Model choice and arguments").
 */
export function mergedArgs(governance: readonly string[], local: readonly string[]): string[] {
  const taken = new Set(governance.filter((arg) => arg.startsWith('--')));
  const merged = [...governance];
  for (const [position, arg] of local.entries()) {
    if (!arg.startsWith('--') || taken.has(arg)) continue;
    const value = local[position + 1];
    merged.push(arg, ...(value === undefined || value.startsWith('-') ? [] : [value]));
  }
  return merged;
}

/** The model that a node has to serve, the alphabetically first of its own, and the arguments of its start. */
export function modelFor(
  node: NodeRecord,
  governance: Readonly<Record<string, readonly string[]>>,
): { id: string; args: string[] } {
  const id = Object.keys(node.config.models).toSorted()[0] ?? '';
  return { id, args: mergedArgs(governance[id] ?? [], node.config.models[id]?.args ?? []) };
}
