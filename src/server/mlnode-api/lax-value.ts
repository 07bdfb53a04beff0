import { z } from 'zod';

/** A refusal in pydantic's own words; `fieldErrors` puts `type` and `msg` into a 422 answer. */
function refuse(context: z.core.$RefinementCtx, type: string, message: string): never {
  context.addIssue({ code: 'custom', message, params: { type } });
  return z.NEVER;
}

const asInteger = 'Input should be a valid integer';
const asNumber = 'Input should be a valid number';
const wholePattern = /^\s*[+-]?\d+(_\d+)*(\.0*)?\s*$/;
const decimalPattern = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;
/** For the document: exponents whose numbers are finite for certain. */
const finitePattern = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?\s*$/;

/**
 * A whole number as pydantic reads one in its lax mode: also `"12"`, `"12.0"`, `12.0`, `true`. What a transform takes
 * cannot be read off it, so each of these states it as JSON Schema for the OpenAPI document.
 */
export const laxInt = z
  .unknown()
  .transform((value, context): number => {
    if (typeof value === 'boolean') return Number(value);
    if (typeof value === 'string') {
      const read = wholePattern.test(value) ? Number(value.replaceAll('_', '')) : Number.NaN;
      return Number.isFinite(read)
        ? read
        : refuse(context, 'int_parsing', `${asInteger}, unable to parse string as an integer`);
    }
    if (typeof value !== 'number') return refuse(context, 'int_type', asInteger);
    if (!Number.isInteger(value))
      return refuse(context, 'int_from_float', `${asInteger}, got a number with a fractional part`);
    return value;
  })
  .meta({
    anyOf: [{ type: 'integer' }, { type: 'string', pattern: wholePattern.source }, { type: 'boolean' }],
  });

/** A number as pydantic reads one in its lax mode: also from a string or a boolean. Infinity and NaN are refused. */
export const laxFloat = z
  .unknown()
  .transform((value, context): number => {
    if (typeof value === 'boolean') return Number(value);
    if (typeof value === 'string') {
      const read = decimalPattern.test(value) ? Number(value) : Number.NaN;
      return Number.isFinite(read)
        ? read
        : refuse(context, 'float_parsing', `${asNumber}, unable to parse string as a number`);
    }
    if (typeof value !== 'number') return refuse(context, 'float_type', asNumber);
    return Number.isFinite(value)
      ? value
      : refuse(context, 'finite_number', 'Input should be a finite number');
  })
  .meta({
    anyOf: [{ type: 'number' }, { type: 'string', pattern: finitePattern.source }, { type: 'boolean' }],
  });

const wordsForTrue = ['true', 't', 'yes', 'y', 'on', '1'];
const wordsForFalse = ['false', 'f', 'no', 'n', 'off', '0'];

/** A truth value as pydantic reads one in its lax mode: also 0, 1 and the usual words, in any case. */
export const laxBoolean = z
  .unknown()
  .transform((value, context): boolean => {
    if (typeof value === 'boolean') return value;
    const word = typeof value === 'string' || typeof value === 'number' ? String(value).toLowerCase() : '';
    if (wordsForTrue.includes(word)) return true;
    if (wordsForFalse.includes(word)) return false;
    return refuse(context, 'bool_parsing', 'Input should be a valid boolean, unable to interpret input');
  })
  .meta({ anyOf: [{ type: 'boolean' }, { enum: [0, 1, ...wordsForTrue, ...wordsForFalse] }] });
