import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { editDistance } from '../config/names.ts';

/** The command line is wrong; the message says where. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Options and positional words of one command, strictly: an unknown option is an error. A name in `positionals` that
 * ends with `?` may be left out.
 * Throws UsageError, also when there are more or fewer positional words than `positionals` names.
 */
export function parseArguments<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
  positionals: readonly string[] = [],
) {
  const parsed = strictly(args, options);
  const surplus = parsed.positionals[positionals.length];
  if (surplus !== undefined) throw new UsageError(`unexpected word "${surplus}"`);
  const missing = positionals[parsed.positionals.length];
  if (missing !== undefined && !missing.endsWith('?')) throw new UsageError(`<${missing}> is missing`);
  return parsed;
}

/** The number behind an option. Throws UsageError for anything else than a number from `low` to `high`. */
export function numberOption(name: string, text: string, low: number, high: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= low && value <= high)) {
    throw new UsageError(`--${name} must be a number, ${low} to ${high}; it is "${text}"`);
  }
  return value;
}

/** As `numberOption`, whole numbers only. */
export function wholeNumberOption(name: string, text: string, low: number, high: number): number {
  const value = numberOption(name, text, low, high);
  if (!Number.isInteger(value)) throw new UsageError(`--${name} must be a whole number; it is "${text}"`);
  return value;
}

function strictly<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const message = error.message.split('. To specify')[0] ?? '';
    const [, wrong] = /^Unknown option '--?([\w-]+)/.exec(message) ?? [];
    const nearest = wrong === undefined ? undefined : nearestOption(wrong, Object.keys(options));
    throw new UsageError(nearest === undefined ? message : `${message}; did you mean --${nearest}?`);
  }
}

/** The option that a mistyped one was probably meant to be: begun by it, or at most two letters away. */
function nearestOption(wrong: string, names: readonly string[]): string | undefined {
  const begun = names.find((name) => wrong.length >= 3 && name.startsWith(wrong));
  const near = names
    .map((name) => ({ name, distance: editDistance(wrong, name) }))
    .filter(({ distance }) => distance <= 2)
    .toSorted((a, b) => a.distance - b.distance);
  return begun ?? near[0]?.name;
}
