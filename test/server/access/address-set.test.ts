import { describe, expect, test } from 'vitest';
import { addressSet } from '../../../src/server/access/address-set.ts';

const contains = addressSet([
  { address: '10.0.0.0', prefix: 8 },
  { address: '203.0.113.7', prefix: 32 },
  { address: 'fc00::', prefix: 7 },
]);

describe('a set of address ranges', () => {
  test.each(['10.0.0.1', '10.255.255.255', '::ffff:10.1.2.3', '203.0.113.7', 'fd00::1', 'fd00::1%eth0'])(
    'contains %s',
    (address) => {
      expect(contains(address)).toBe(true);
    },
  );
  test.each(['11.0.0.1', '203.0.113.8', '::ffff:11.1.2.3', 'fe80::1', '', 'localhost', undefined])(
    'does not contain %s',
    (address) => {
      expect(contains(address)).toBe(false);
    },
  );
  test('of none contains nobody', () => {
    expect(addressSet([])('127.0.0.1')).toBe(false);
  });
});
