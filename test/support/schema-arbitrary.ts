import * as fc from 'fast-check';

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Everything that the OpenAPI document uses. Another keyword is an error: it would be ignored silently. */
const keywords = new Set(
  '$ref anyOf not const enum type pattern format minimum maximum items minItems maxItems properties required \
additionalProperties propertyNames default description'.split(' '),
);

/** Values that satisfy a schema; `named` are the schemas that `$ref` may name by their last segment. */
export function arbitraryOf(
  schema: JsonSchema,
  named: Readonly<Record<string, JsonSchema>> = {},
): fc.Arbitrary<unknown> {
  for (const keyword of Object.keys(schema))
    if (!keywords.has(keyword)) throw new Error(`no arbitrary for "${keyword}"`);
  const { $ref: reference, anyOf, enum: values, type } = schema;
  if (typeof reference === 'string') {
    const target = named[reference.split('/').at(-1) ?? ''];
    if (target === undefined) throw new Error(`no schema ${reference}`);
    return arbitraryOf(target, named);
  }
  if (Array.isArray(anyOf))
    return fc.oneof(...(anyOf as JsonSchema[]).map((each) => arbitraryOf(each, named)));
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(values)) return fc.constantFrom(...(values as unknown[]));
  if (Array.isArray(type))
    return fc.oneof(...(type as string[]).map((each) => arbitraryOf({ ...schema, type: each }, named)));
  return type === undefined ? fc.jsonValue({ maxDepth: 2 }) : typed(schema, named);
}

/** Whether a property may not be there at all. */
const isForbidden = (schema: JsonSchema): boolean =>
  typeof schema['not'] === 'object' && Object.keys(schema['not'] ?? {}).length === 0;

function typed(schema: JsonSchema, named: Readonly<Record<string, JsonSchema>>): fc.Arbitrary<unknown> {
  const { type, minimum, maximum } = schema as { type: string; minimum?: number; maximum?: number };
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: minimum ?? -(2 ** 40), max: maximum ?? 2 ** 40 });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'string':
      return text(schema);
    case 'array':
      return fc.array(arbitraryOf((schema['items'] as JsonSchema | undefined) ?? {}, named), {
        minLength: (schema['minItems'] as number | undefined) ?? 0,
        maxLength: (schema['maxItems'] as number | undefined) ?? 5,
      });
    case 'object':
      return object(schema, named);
    default:
      throw new Error(`no arbitrary for type "${type}"`);
  }
}

function text({ pattern, format }: JsonSchema): fc.Arbitrary<string> {
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  if (format === 'uri')
    return fc.webUrl({ validSchemes: ['http', 'https'], withFragments: false, withQueryParameters: false });
  if (format !== undefined) throw new Error(`no arbitrary for format ${JSON.stringify(format)}`);
  return fc.string({ unit: 'grapheme' });
}

function object(schema: JsonSchema, named: Readonly<Record<string, JsonSchema>>): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>);
  const told = properties.filter(([, each]) => !isForbidden(each));
  const fields = fc.record(Object.fromEntries(told.map(([name, each]) => [name, arbitraryOf(each, named)])), {
    requiredKeys: (schema['required'] as string[] | undefined) ?? [],
  });
  const more = schema['additionalProperties'];
  if (typeof more !== 'object' || more === null) return fields;
  const names = new Set(properties.map(([name]) => name));
  const others = fc.dictionary(
    fc.string({ unit: 'grapheme' }).filter((name) => !names.has(name)),
    arbitraryOf(more as JsonSchema, named),
    { maxKeys: 2 },
  );
  return fc.tuple(fields, others).map(([own, other]) => ({ ...other, ...own }));
}
