import { expect, test } from 'vitest';
import { networkNodeRanges } from '../../../src/server/access/network-node-ranges.ts';

test('the Network Node’s own addresses are ranges of one', async () => {
  const urls = ['http://10.0.0.20:9200', 'http://10.0.0.20:9100', 'http://[fd00::1]:9200'];
  expect(await networkNodeRanges(urls)).toEqual([
    { address: '10.0.0.20', prefix: 32 },
    { address: 'fd00::1', prefix: 128 },
  ]);
});

test('a name is looked up, and one that nobody knows is left out', async () => {
  expect(await networkNodeRanges(['http://localhost:9200'])).toContainEqual({
    address: '127.0.0.1',
    prefix: 32,
  });
  expect(await networkNodeRanges(['http://nowhere.invalid:9200'])).toEqual([]);
});
