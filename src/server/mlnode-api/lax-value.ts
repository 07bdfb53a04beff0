import { z } from 'zod';

/** A refusal in pydantic's own words; `fieldErrors` puts `type` and `msg` into a 422 answer. */
function refuse(context: z.core.$RefinementCtx, type: string, message: string): never {
  context.addIssue({ code: 'custom', message, params: { type } });
  return z.NEVER;
}

/** In JSON Schema, for the OpenAPI document; what a transform takes cannot be read off it. */
const laxWhole = /^\s*[+-]?\d+(_\d+)*(\.0*)?\s*$/;
const laxDecimal = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?\s*$/;
const anyOf = (...schemas: object[]): { anyOf: object[] } => ({ anyOf: schemas });

const asInteger = 'Input should be a valid integer';
const asNumber = 'Input should be a valid number';

/** A whole number as pydantic reads one in its lax mode: also `"12"`, `"12.0"`, `12.0`, `true`. */
export const laxInt = z.unknown().transform((value, context): number => {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') {
    if (!/^[+-]?\d+(_\d+)*(\.0*)?$/.test(value.trim()))
      return refuse(context, 'int_parsing', `${asInteger}, unable to parse string as an integer`);
    return Number(value.trim().replaceAll('_', ''));
  }
  if (typeof value !== 'number') return refuse(context, 'int_type', asInteger);
  if (!Number.isInteger(value))
    return refuse(context, 'int_from_float', `${asInteger}, got a number with a fractional part`);
  return value;
});

/** A number as pydantic reads one in its lax mode: also from a string or a boolean. Infinity and NaN are refused. */
export const laxFloat = z.unknown().transform((value, context): number => {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') {
    const read = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim()) ? Number(value) : Number.NaN;
    return Number.isFinite(read)
      ? read
      : refuse(context, 'float_parsing', `${asNumber}, unable to parse string as a number`);
  }
  return typeof value === 'number' ? value : refuse(context, 'float_type', asNumber);
});

const spelledBooleans: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['true', 't', 'yes', 'y', 'on', '1'].map((word) => [word, true])),
  ...Object.fromEntries(['false', 'f', 'no', 'n', 'off', '0'].map((word) => [word, false])),
};

/** A truth value as pydantic reads one in its lax mode: also 0, 1 and the usual words. */
export const laxBoolean = z.unknown().transform((value, context): boolean => {
  const read = typeof value === 'boolean' ? value : spelledBooleans[String(value).toLowerCase()];
  return (
    read ?? refuse(context, 'bool_parsing', 'Input should be a valid boolean, unable to interpret input')
  );
});
