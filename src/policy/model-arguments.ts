/**
 * Arguments of a model start: governance's first, then local ones whose `--key` governance does not set; local short
 * flags are dropped (docs/reference/protocol.md "Model choice and arguments").
 */
export function mergedModelArguments(
  governance: readonly string[],
  local: readonly string[],
): readonly string[] {
  const taken = new Set(governance.filter((arg) => arg.startsWith('--')).map(keyOf));
  const merged = [...governance];
  for (const [place, arg] of local.entries()) {
    if (!arg.startsWith('--') || taken.has(keyOf(arg))) continue;
    const value = local[place + 1];
    const hasValue = !arg.includes('=') && value !== undefined && !value.startsWith('--');
    merged.push(arg, ...(hasValue ? [value] : []));
  }
  return merged;
}

/** Body of `inference/up` as the Network Node builds it. */
export function inferenceUpBody(model: string, args: readonly string[]): string {
  return JSON.stringify({ model, dtype: 'auto', additional_args: args });
}

/** The model that a body of `inference/up` names; null when it names none. */
export function modelOfUpBody(body: string): string | null {
  try {
    const { model } = JSON.parse(body) as { model?: unknown };
    return typeof model === 'string' ? model : null;
  } catch {
    return null;
  }
}

const keyOf = (arg: string): string => arg.split('=', 1)[0] ?? arg;
