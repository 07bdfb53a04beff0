import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** The command line is wrong; the message says where. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Options and positional words of one command, strictly: an unknown option is an error.
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
  if (missing !== undefined) throw new UsageError(`<${missing}> is missing`);
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
    if (error instanceof TypeError) throw new UsageError(error.message.split('. To specify')[0] ?? '');
    throw error;
  }
}
