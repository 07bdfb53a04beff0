import { describe, expect, test } from 'vitest';
import { laxBoolean, laxFloat, laxInt } from '../../../src/server/mlnode-api/lax-value.ts';

const endless = '9'.repeat(400);

describe('a value read as pydantic reads it', () => {
  test.each([
    [laxInt, '12', 12],
    [laxInt, ' 1_000.00 ', 1000],
    [laxInt, 12, 12],
    [laxInt, true, 1],
    [laxFloat, '1e-07', 1e-7],
    [laxFloat, ' .5', 0.5],
    [laxFloat, false, 0],
    [laxBoolean, 'Yes', true],
    [laxBoolean, 0, false],
  ])('%#: %j is %j', (schema, value, read) => {
    expect(schema.parse(value)).toBe(read);
  });

  test.each([
    [laxInt, endless, 'int_parsing'],
    [laxInt, '1__0', 'int_parsing'],
    [laxInt, Number.POSITIVE_INFINITY, 'int_from_float'],
    [laxFloat, '1e999', 'float_parsing'],
    [laxFloat, Number.POSITIVE_INFINITY, 'finite_number'],
    [laxBoolean, 'constructor', 'bool_parsing'],
    [laxBoolean, [true], 'bool_parsing'],
    [laxBoolean, { toString: 1, valueOf: 1 }, 'bool_parsing'],
    [laxBoolean, 2, 'bool_parsing'],
  ])('%#: %j is refused', (schema, value, type) => {
    expect(schema.safeParse(value).error?.issues).toMatchObject([{ code: 'custom', params: { type } }]);
  });
});
