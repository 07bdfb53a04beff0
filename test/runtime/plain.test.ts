import { describe, expect, it } from 'vitest';
import { plain } from '../../src/runtime/plain.ts';

describe('a value as the store gives it back', () => {
  it.each([[undefined], [null], ['text'], [''], [true], [false], [7]])('is itself: %s', (value) => {
    expect(plain(value)).toBe(value);
  });

  it('is another object without what JSON cannot say', () => {
    const value = { at: new Date(0), list: [1, undefined], gone: undefined };
    expect(plain(value)).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [1, null] });
    expect(plain(value)).not.toHaveProperty('gone');
    expect(plain([])).not.toBe(plain([]));
  });

  it('is nothing for what has no form as data, and an error for what cannot be written', () => {
    expect(plain(() => 1)).toBeNull();
    expect(plain(NaN)).toBeNull();
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => plain(cycle)).toThrow(TypeError);
    expect(() => plain({ big: 1n })).toThrow(TypeError);
  });
});
