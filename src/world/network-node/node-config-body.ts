import type { NodeConfig } from './node-record.ts';

export class BadBody extends Error {
  override readonly name = 'BadBody';
}

/** A request body that echo would bind. Throws BadBody: no JSON content type, no JSON. */
export function boundBody(contentType: string | undefined, body: string): unknown {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new BadBody('code=415, message=Unsupported Media Type');
  try {
    return JSON.parse(body);
  } catch {
    throw new BadBody('code=400, message=Syntax error: invalid JSON');
  }
}

/** A node definition as Go decodes it: unknown fields ignored, absent ones zero. Throws BadBody for a wrong type. */
export function nodeConfigOf(value: unknown): NodeConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw typeError('object', 'node');
  const fields = value as Record<string, unknown>;
  return {
    id: text(fields, 'id'),
    host: text(fields, 'host'),
    inference_segment: text(fields, 'inference_segment'),
    inference_port: integer(fields, 'inference_port'),
    poc_segment: text(fields, 'poc_segment'),
    poc_port: integer(fields, 'poc_port'),
    models: modelsOf(fields['models']),
    max_concurrent: integer(fields, 'max_concurrent'),
    hardware: hardwareOf(fields['hardware']),
  };
}

function modelsOf(value: unknown): NodeConfig['models'] {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw typeError('map', 'models');
  return Object.fromEntries(
    Object.entries(value).map(([model, options]: [string, unknown]) => {
      if (typeof options !== 'object' || options === null) throw typeError('object', `models.${model}`);
      const { args } = options as { args?: unknown };
      const isText = Array.isArray(args) && args.every((arg) => typeof arg === 'string');
      if (args !== undefined && args !== null && !isText) throw typeError('[]string', `models.${model}.args`);
      return [model, { args: isText ? args : null }];
    }),
  );
}

function hardwareOf(value: unknown): NodeConfig['hardware'] {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) throw typeError('[]Hardware', 'hardware');
  return value.map((item: unknown) => {
    if (typeof item !== 'object' || item === null) throw typeError('Hardware', 'hardware');
    const fields = item as Record<string, unknown>;
    return { type: text(fields, 'type'), count: integer(fields, 'count') };
  });
}

function text(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name] ?? '';
  if (typeof value !== 'string') throw typeError('string', name);
  return value;
}

function integer(fields: Readonly<Record<string, unknown>>, name: string): number {
  const value = fields[name] ?? 0;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw typeError('int', name);
  return value;
}

function typeError(expected: string, field: string): BadBody {
  return new BadBody(`code=400, message=Unmarshal type error: expected=${expected}, field=${field}`);
}
