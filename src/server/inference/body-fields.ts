import { parsedJson } from '../mlnode-api/raw-body.ts';
import { depthMax, fieldStretches } from './field-stretches.ts';

/** Texts up to here are parsed whole; larger ones are scanned, which costs a tenth. */
const parsedCharsMax = 8 * 1024;

type Values = Readonly<Record<string, unknown>>;

/**
 * The top-level fields of a JSON object, and the stretches of its own text that they stand in. Nothing below the top
 * level of a large one is parsed, so a conversation of a megabyte costs a scan, and whatever is passed on keeps its
 * bytes: integers beyond 2^53 too. A small one is scanned only when a stretch of it is asked for.
 */
export class BodyFields {
  readonly text: string;
  readonly #parsed: Values | undefined;
  #stretches: ReadonlyMap<string, string> | undefined;

  private constructor(text: string, parsed: Values | undefined, stretches?: ReadonlyMap<string, string>) {
    this.text = text;
    this.#parsed = parsed;
    this.#stretches = stretches;
  }

  /** Undefined when `text` is no JSON object. Errors inside nested values of a large one are left to whoever parses them. */
  static of(text: string): BodyFields | undefined {
    if (text.length > parsedCharsMax) {
      const stretches = fieldStretches(text);
      return stretches && new BodyFields(text, undefined, stretches);
    }
    const parsed = objectIn(text);
    if (parsed === undefined || (!isFlat(text) && fieldStretches(text) === undefined)) return undefined;
    return new BodyFields(text, parsed);
  }

  /** Whether all of it was parsed, nested values too. */
  get isParsed(): boolean {
    return this.#parsed !== undefined;
  }

  /** Every name, in the order of the text; a name given twice counts once. */
  names(): Iterable<string> {
    return this.#parsed === undefined ? this.#all.keys() : Object.keys(this.#parsed);
  }

  /** Whether the field is there and not null. */
  has(name: string): boolean {
    if (this.#parsed === undefined) return this.raw(name) !== undefined;
    const value = this.#parsed[name];
    return value !== undefined && value !== null;
  }

  /** The value itself; undefined when the field is absent or null, or no JSON. Parses: for small ones. */
  value(name: string): unknown {
    if (this.#parsed !== undefined) return this.#parsed[name] ?? undefined;
    const raw = this.raw(name);
    return raw === undefined ? undefined : parsedJson(raw)?.value;
  }

  /** The JSON text of a value; undefined when the field is absent or null. A field given twice counts the last time. */
  raw(name: string): string | undefined {
    const value = this.#all.get(name);
    return value === 'null' ? undefined : value;
  }

  get #all(): ReadonlyMap<string, string> {
    this.#stretches ??= fieldStretches(this.text) ?? new Map<string, string>();
    return this.#stretches;
  }
}

/** Whether it surely nests no deeper than the limit. */
function isFlat(text: string): boolean {
  let brackets = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) brackets += 1;
  }
  return brackets <= depthMax;
}

function objectIn(text: string): Values | undefined {
  const value = parsedJson(text)?.value;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : undefined;
}
