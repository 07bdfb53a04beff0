/** A `curl` command line, as far as programs on a machine use it. */
export interface CurlArguments {
  readonly url: URL;
  /** `fail`, `silent`, `show-error` … by their long names. */
  readonly flags: ReadonlySet<string>;
  /** The last value of an option by its long name. */
  readonly value: (name: string) => string | undefined;
  readonly headers: readonly string[];
  /** Values of `-d` and its kin; `@file` and `@-` not yet read. */
  readonly data: readonly string[];
}

const flagLetters: Readonly<Record<string, string>> = {
  s: 'silent',
  S: 'show-error',
  f: 'fail',
  L: 'location',
  k: 'insecure',
  g: 'globoff',
};
const valueLetters: Readonly<Record<string, string>> = {
  X: 'request',
  H: 'header',
  d: 'data',
  m: 'max-time',
  o: 'output',
  w: 'write-out',
  A: 'user-agent',
};
const flagNames = new Set([
  ...Object.values(flagLetters),
  'fail-with-body',
  'compressed',
  'no-progress-meter',
  'retry-connrefused',
  'retry-all-errors',
]);
const valueNames = new Set([
  ...Object.values(valueLetters),
  'data-raw',
  'data-binary',
  'connect-timeout',
  'url',
  'retry',
  'retry-delay',
]);

/** Throws an Error with the real program's words for what it does not know; `--name=value` is unknown there too. */
export function curlArguments(words: readonly string[]): CurlArguments {
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  const queue = [...words];
  const keep = (name: string, value: string | undefined): void => {
    if (value === undefined) throw new Error(`option --${name}: requires parameter`);
    values.set(name, [...(values.get(name) ?? []), value]);
  };
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word.startsWith('--')) {
      const name = word.slice(2);
      if (flagNames.has(name)) flags.add(name);
      else if (valueNames.has(name)) keep(name, queue.shift());
      else throw new Error(`option ${word}: is unknown`);
    } else if (word.startsWith('-') && word !== '-') {
      readLetters(word.slice(1), flags, (name, rest) => keep(name, rest === '' ? queue.shift() : rest));
    } else {
      keep('url', word);
    }
  }
  const all = (name: string): readonly string[] => values.get(name) ?? [];
  const [target] = all('url').slice(-1);
  if (target === undefined) throw new Error('(2) no URL specified');
  return {
    url: new URL(target.includes('://') ? target : `http://${target}`),
    flags,
    value: (name) => all(name).at(-1),
    headers: all('header'),
    data: [...all('data'), ...all('data-raw'), ...all('data-binary')],
  };
}

/** `sSf`, `XPUT`, `sm`: flags, of which the last may take the rest of the word as its value. */
function readLetters(letters: string, flags: Set<string>, keep: (name: string, rest: string) => void): void {
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at] ?? '';
    const valueName = valueLetters[letter];
    if (valueName !== undefined) return keep(valueName, letters.slice(at + 1));
    const flag = flagLetters[letter];
    if (flag === undefined) throw new Error(`option -${letter}: is unknown`);
    flags.add(flag);
  }
}
