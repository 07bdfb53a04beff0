import { json, text, type WorldResponse } from './exchange.ts';

/** One entry of a 422 answer. */
export interface FieldError {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

/** FastAPI's own error shapes (docs/reference/protocol.md "One-service rule"). */
export const detail = (status: number, message: string): WorldResponse => json(status, { detail: message });
export const unprocessable = (errors: readonly FieldError[]): WorldResponse => json(422, { detail: errors });
export const notFound = (): WorldResponse => detail(404, 'Not Found');
export const methodNotAllowed = (): WorldResponse => detail(405, 'Method Not Allowed');
export const crashed = (): WorldResponse => text(500, 'Internal Server Error', 'text/plain; charset=utf-8');

/** A parsed body, or the 422 that FastAPI answers before it looks at anything else. */
export type ParsedBody = { readonly value: unknown } | { readonly refused: WorldResponse };

/**
 * JSON without a Content-Type is accepted, as the builds of the v1 time did; another type leaves the body unparsed,
 * which fails as a whole (docs/reference/protocol.md "Content-Type and JSON tolerance").
 */
export function parseBody(contentType: string | undefined, body: string): ParsedBody {
  if (body === '')
    return { refused: unprocessable([{ type: 'missing', loc: ['body'], msg: 'Field required' }]) };
  if (contentType !== undefined && !/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType))
    return { value: body };
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    return { refused: unprocessable([{ type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error' }]) };
  }
}

/** Reads fields of a body as pydantic does in its lax mode (numbers also from strings), collecting what is wrong. */
export class BodyReader {
  readonly errors: FieldError[];
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #loc: readonly string[];
  constructor(value: unknown, loc: readonly string[] = ['body'], errors: FieldError[] = []) {
    this.errors = errors;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.#fields = isObject ? (value as Record<string, unknown>) : {};
    this.#loc = loc;
    if (!isObject) {
      this.errors.push({ type: 'model_attributes_type', loc, msg: 'Input should be a valid dictionary' });
    }
  }
  string(name: string): string {
    return this.#read(name, undefined, 'string', (value) => (typeof value === 'string' ? value : undefined));
  }
  integer(name: string, fallback?: number): number {
    return this.#read(name, fallback, 'integer', integerOf);
  }
  number(name: string, fallback?: number): number {
    return this.#read(name, fallback, 'number', numberOf);
  }
  boolean(name: string, fallback?: boolean): boolean {
    return this.#read(name, fallback, 'boolean', (value) => (typeof value === 'boolean' ? value : undefined));
  }
  list(name: string, kind: 'integer' | 'number'): number[] {
    const of = kind === 'integer' ? integerOf : numberOf;
    return this.#read(name, undefined, 'list', (value) => {
      if (!Array.isArray(value)) return undefined;
      const items = value.map(of);
      return items.includes(undefined) ? undefined : (items as number[]);
    });
  }
  strings(name: string): string[] {
    return this.#read(name, [], 'list', (value) =>
      Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined,
    );
  }
  /** A nested object with defaults for everything; its errors are collected with the others. */
  object(name: string): BodyReader {
    return new BodyReader(this.#fields[name] ?? {}, [...this.#loc, name], this.errors);
  }

  #read<T>(name: string, fallback: T | undefined, kind: string, parse: (value: unknown) => T | undefined): T {
    const raw = this.#fields[name];
    if (raw === undefined && fallback !== undefined) return fallback;
    const value = raw === undefined ? undefined : parse(raw);
    if (value === undefined) {
      const loc = [...this.#loc, name];
      this.errors.push(
        raw === undefined
          ? { type: 'missing', loc, msg: 'Field required' }
          : { type: `${kind}_type`, loc, msg: `Input should be a valid ${kind}` },
      );
    }
    return value as T;
  }
}

function numberOf(value: unknown): number | undefined {
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : undefined;
}

function integerOf(value: unknown): number | undefined {
  const parsed = numberOf(value);
  return parsed !== undefined && Number.isInteger(parsed) ? parsed : undefined;
}
