import { z } from 'zod';
import { programVersion } from '../mlnode-api/program-version.ts';
import type { documentAnswer } from './document-answer.ts';
import type { Answer, Listener, Operation, Parameter } from './operation.ts';
import { operations } from './operations.ts';
import { answerSchemas, requestSchemas } from './schemas.ts';

type Json = Record<string, unknown>;
export type OpenApiDocument = z.infer<typeof documentAnswer>;

/** The OpenAPI document of one listener, or of all of them together. */
export function openApiDocument(listener?: Listener): OpenApiDocument {
  const told = operations.filter(({ listeners }) => listener === undefined || listeners.includes(listener));
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of told) {
    const path = (paths[operation.path] ??= {});
    const before = path[operation.method];
    path[operation.method] = before === undefined ? said(operation) : joined(before, said(operation));
  }
  return {
    openapi: '3.1.1',
    info: { title: 'gonka-hybrid-mlnode', version: programVersion(), description },
    security: [{}, { token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: namedSchemas(JSON.stringify(paths)),
    },
  };
}

const description = [
  'One permanent Gonka ML node. `x-listeners` says where an operation is served: `shared` is the gateway while it has one port, `management` and `inference` are its two ports otherwise, `inspection` is the operator’s.',
  'The gateway serves each path with and without one leading version segment (`^/v\\d+(\\.\\d+)+(-[a-z0-9]+)?`), folds a doubled `/api/v1` or `/v1`, and finds completions under `/api` too. HEAD is GET without a body; an unknown path is 404, another method than listed 405 with `Allow`. JSON is read whatever the Content-Type says.',
  '`x-unanswered` says when the connection is closed instead of an answer. `x-event-data` is the data of one server-sent event. `default` is a fault of this program.',
].join('\n\n');

function said(operation: Operation): Json {
  const { method, path, summary, listeners, parameters, body, answers, unanswered } = operation;
  return {
    operationId: idOf(method, path),
    summary,
    'x-listeners': listeners,
    ...(unanswered === undefined ? {} : { 'x-unanswered': unanswered }),
    ...(parameters === undefined ? {} : { parameters: parameters.map(parameter) }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.isRequired,
            content: { 'application/json': { schema: anyOf(body.schemas.map(reference)) } },
          },
        }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer)])),
      default: { description: 'A fault of this program.' },
    },
  };
}

function response({ description: text, schema, alsoAs, event }: Answer): Json {
  const content: Json = {};
  if (schema !== undefined) content['application/json'] = { schema: reference(schema) };
  if (alsoAs !== undefined)
    content[alsoAs] = {
      schema: { type: 'string' },
      ...(event === undefined ? {} : { 'x-event-data': reference(event) }),
    };
  return { description: text, ...(Object.keys(content).length === 0 ? {} : { content }) };
}

const parameter = ({ name, in: place, description: text, pattern }: Parameter): Json => ({
  name,
  in: place,
  required: place === 'path',
  description: text,
  schema: { type: 'string', ...(pattern === undefined ? {} : { pattern }) },
});

/** The same path on two listeners: either answer, told where. */
function joined(one: Json, other: Json): Json {
  const listeners = [...(one['x-listeners'] as string[]), ...(other['x-listeners'] as string[])];
  const [first, second] = [one['responses'], other['responses']] as Record<string, Json>[];
  const responses = { ...second, ...first };
  for (const [status, told] of Object.entries(second ?? {})) {
    const before = first?.[status];
    if (before !== undefined) responses[status] = eitherResponse(before, told);
  }
  const summaries = [...new Set([one['summary'], other['summary']])];
  return { ...one, summary: summaries.join(' Elsewhere: '), 'x-listeners': listeners, responses };
}

function eitherResponse(one: Json, other: Json): Json {
  const descriptions = [...new Set([one['description'], other['description']])].join(' Elsewhere: ');
  const content = { ...(other['content'] as Json | undefined), ...(one['content'] as Json | undefined) };
  const schemas = [one, other].flatMap((each) => {
    const json = (each['content'] as Record<string, { schema: Json }> | undefined)?.['application/json'];
    return json === undefined ? [] : [json.schema];
  });
  const unlike = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  if (unlike.length > 1) content['application/json'] = { schema: anyOf(unlike) };
  return { description: descriptions, ...(Object.keys(content).length === 0 ? {} : { content }) };
}

const anyOf = (schemas: readonly Json[]): Json =>
  schemas.length === 1 && schemas[0] !== undefined ? schemas[0] : { anyOf: schemas };

const idOf = (method: string, path: string): string =>
  method + path.replaceAll(/[^a-z0-9]+([a-z0-9]?)/gi, (_, letter: string) => letter.toUpperCase());

const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** Those that `told` names, directly or through another. */
function namedSchemas(told: string): Json {
  const all = { ...jsonSchemas(requestSchemas, 'input'), ...jsonSchemas(answerSchemas, 'output') };
  const named: Json = {};
  const take = (text: string): void => {
    for (const [, name = ''] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) {
      if (name in named) continue;
      named[name] = all[name];
      take(JSON.stringify(all[name]));
    }
  };
  take(told);
  return Object.fromEntries(Object.entries(named).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function jsonSchemas(schemas: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const uri = (id: string): string => `#/components/schemas/${id}`;
  const made = z.toJSONSchema(registry, { io, uri, unrepresentable: 'any' });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}
