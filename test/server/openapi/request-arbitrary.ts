import * as fc from 'fast-check';
import { openApiDocument } from '../../../src/server/openapi/document.ts';
import type { Operation, Parameter } from '../../../src/server/openapi/operation.ts';
import { brokenJson, mutatedJson } from '../../support/mutated-json.ts';
import { arbitraryOf, type JsonSchema } from '../../support/schema-arbitrary.ts';
import { model } from '../gateway-case.ts';
import type { RawCall } from '../raw-call.ts';

const { schemas } = openApiDocument().components as { schemas: Record<string, JsonSchema> };

/** Bodies as the document describes them. */
export const bodyOf = (name: string): fc.Arbitrary<unknown> =>
  fc.tuple(arbitraryOf(schemas[name] ?? {}, schemas), fc.boolean()).map(([body, isOurs]) => {
    const asked = body as Record<string, unknown>;
    // A model by chance is never ours, and then nothing behind the look-up would be seen.
    return isOurs && typeof asked['model'] === 'string' ? { ...asked, model } : body;
  });

/** Requests to an operation: as the document describes them, and less so. */
export function requestOf(operation: Operation): fc.Arbitrary<RawCall> {
  const names = operation.body?.schemas;
  const values = names === undefined ? fc.constant({}) : fc.oneof(...names.map(bodyOf));
  const body =
    operation.method === 'get'
      ? fc.constant('')
      : fc.oneof(
          { arbitrary: values.map((value) => JSON.stringify(value)), weight: 3 },
          { arbitrary: mutatedJson(values).map((value) => JSON.stringify(value)), weight: 4 },
          { arbitrary: brokenJson(values), weight: 2 },
        );
  const contentType = fc.option(fc.constantFrom('application/json', 'text/plain', ';;;', 'multipart/x'), {
    nil: undefined,
  });
  const prefix = fc.constantFrom(
    '',
    ...(operation.half === 'inspection' ? [] : ['/v3.0.8', '/v3.0.14-post2']),
  );
  return fc
    .tuple(prefix, parametersOf(operation), body, contentType)
    .map(([version, { path, query, headers }, text, type]) => ({
      method: operation.method.toUpperCase(),
      path: `${operation.half === 'open' ? '' : version}${path}${query}`,
      headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
      body: text,
    }));
}

/** A path may hold escapes that are none. */
const rawPaths = ['%', '%zz', '%c3', 'a%2'];

type Filled = { path: string; query: string; headers: Record<string, string> };

function parametersOf({ path, parameters = [] }: Operation): fc.Arbitrary<Filled> {
  const start: fc.Arbitrary<Filled> = fc.constant({ path, query: '', headers: {} });
  return parameters.reduce(
    (filled, parameter) =>
      fc.tuple(filled, valueOf(parameter)).map(([all, value]) => withValue(all, parameter, value)),
    start,
  );
}

function valueOf({ in: place, pattern }: Parameter): fc.Arbitrary<string | undefined> {
  const right = pattern === undefined ? [] : [fc.stringMatching(new RegExp(pattern))];
  if (place === 'header')
    return fc.option(fc.oneof(...right, fc.stringMatching(/^[!-~]{1,20}$/)), { nil: undefined });
  const any = fc.string({ unit: 'grapheme', minLength: 1 });
  if (place === 'query') return fc.option(fc.oneof(...right, any), { nil: undefined });
  return fc.oneof(
    ...right,
    any,
    fc.constantFrom('lease-1', 'leak.md', '5001:abc', 'x:y', 'x'.repeat(2_000), ...rawPaths),
  );
}

function withValue(filled: Filled, { name, in: place }: Parameter, value: string | undefined): Filled {
  if (value === undefined) return filled;
  if (place === 'header') return { ...filled, headers: { ...filled.headers, [name.toLowerCase()]: value } };
  const encoded = rawPaths.includes(value) ? value : encodeURIComponent(value);
  if (place === 'path') return { ...filled, path: filled.path.replace(`{${name}}`, () => encoded) };
  return { ...filled, query: `${filled.query === '' ? '?' : `${filled.query}&`}${name}=${encoded}` };
}
