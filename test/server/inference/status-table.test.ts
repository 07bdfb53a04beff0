import { expect, test } from 'vitest';
import {
  failureOfStatus,
  noTurn,
  statusFor,
  statusTable,
} from '../../../src/server/inference/status-table.ts';

test.each([
  [200, undefined],
  [400, 400],
  [401, 503],
  [402, 503],
  [403, 503],
  [404, 503],
  [413, 413],
  [422, 400],
  [429, 429],
  [500, 503],
  [502, 503],
  [503, 503],
  [520, 503],
  [524, 503],
  [204, 503],
  [302, 503],
  [418, 503],
])('%i of the back end is %s for the caller', (status, seen) => {
  expect(failureOfStatus(status)?.status).toBe(seen);
});

test('a request goes out again only after a refusal that nobody worked on', () => {
  const again = (status: number) => failureOfStatus(status)?.again;
  const all = Array.from({ length: 400 }, (_, i) => 200 + i);
  expect(all.filter((status) => again(status) === 'anywhere')).toEqual(
    Array.from({ length: 100 }, (_, i) => 500 + i).filter((status) => status !== 524),
  );
  expect(all.filter((status) => again(status) === 'elsewhere')).toEqual([401, 402, 403, 404, 429]);
});

test('the Network Node hears of an outage where a direct client hears of too many requests', () => {
  expect([statusFor(noTurn, 'networkNode'), statusFor(noTurn, 'direct')]).toEqual([503, 429]);
});

test('no status stands in two rows before the general one', () => {
  const single = statusTable.filter((row) => row.from === row.to).map((row) => row.from);
  expect(new Set(single).size).toBe(single.length);
});
