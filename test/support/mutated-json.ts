import * as fc from 'fast-check';

type Change =
  | { readonly kind: 'remove' }
  | { readonly kind: 'replace'; readonly value: unknown }
  | { readonly kind: 'add'; readonly name: string; readonly value: unknown };

/** What no sensible caller sends, and what breaks readers that trust names. */
const oddNames = fc.constantFrom('__proto__', 'constructor', 'toString', 'valueOf', 'length', '');
const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.dictionary(oddNames, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3, noNullPrototype: true }),
  fc.constantFrom('constructor', '__proto__', '9'.repeat(400), '1e999', -0, 1e308, '\u0000'),
);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('remove' as const) }),
  fc.record({ kind: fc.constant('replace' as const), value: oddValue }),
  fc.record({ kind: fc.constant('add' as const), name: fc.oneof(oddNames, fc.string()), value: oddValue }),
);

/** `values` with one to three changes, each anywhere. */
export const mutatedJson = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      values,
      fc.array(fc.tuple(fc.array(fc.nat(), { maxLength: 4 }), change), { minLength: 1, maxLength: 3 }),
    )
    .map(([value, changes]) => changes.reduce((now, [path, each]) => changed(now, path, each), value));

/** The text of such a value, cut off somewhere, or no JSON at all. */
export const brokenJson = (values: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.oneof(
    fc.tuple(values, fc.nat()).map(([value, end]) => {
      const text = JSON.stringify(value) ?? '';
      return text.slice(0, end % Math.max(1, text.length));
    }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', ' ', 'null', '[]', '{}', '{', '[['.repeat(500), 'NaN', '{"a":1e999}'),
  );

/** Path steps pick among the keys that are there; a path that ends early changes where it ended. */
function changed(value: unknown, path: readonly number[], { ...how }: Change): unknown {
  const [step, ...rest] = path;
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const key = step === undefined ? undefined : keys[step % Math.max(1, keys.length)];
  if (key === undefined) return changedHere(value, how);
  if (Array.isArray(value)) {
    const items = value as readonly unknown[];
    const at = Number(key);
    const isGone = rest.length === 0 && how.kind === 'remove';
    return items.flatMap((item, place) => (place !== at ? [item] : isGone ? [] : [changed(item, rest, how)]));
  }
  const entries = Object.entries(value as object) as [string, unknown][];
  const kept =
    rest.length === 0 && how.kind === 'remove' ? entries.filter(([name]) => name !== key) : entries;
  return Object.fromEntries(
    kept.map(([name, each]) => [name, name === key ? changed(each, rest, how) : each]),
  );
}

function changedHere(value: unknown, how: Change): unknown {
  if (how.kind === 'replace') return how.value;
  if (how.kind === 'remove' || typeof value !== 'object' || value === null || Array.isArray(value))
    return value;
  return Object.fromEntries([...Object.entries(value), [how.name, how.value]]);
}
