import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { createSqliteValidationBatches } from '../../src/runtime/sqlite-validation-batches.ts';
import {
  batchesMax,
  createMemoryValidationBatches,
  type ValidationBatches,
} from '../../src/runtime/validation-batches.ts';
import { temporaryDir } from './rig.ts';

const kinds: readonly [string, () => ValidationBatches][] = [
  ['in the store', () => createSqliteValidationBatches(openSqliteStore(':memory:').database)],
  ['in memory', createMemoryValidationBatches],
];

describe.each(kinds)('bodies of batches %s', (_kind, create) => {
  it('are kept by their digest, the first one of each, until their PoC is over', () => {
    const batches = create();
    batches.put({ digest: 'd1', blockHash: 'A', body: 'one' });
    batches.put({ digest: 'd1', blockHash: 'A', body: 'another' });
    batches.put({ digest: 'd2', blockHash: 'B', body: 'two' });
    expect(['d1', 'd2', 'd3'].map((digest) => batches.body(digest))).toEqual(['one', 'two', undefined]);
    expect(['A', 'B', 'C'].map((blockHash) => batches.digestsOf(blockHash))).toEqual([['d1'], ['d2'], []]);
    batches.keepOnly('B');
    expect(['d1', 'd2'].map((digest) => batches.body(digest))).toEqual([undefined, 'two']);
    batches.keepOnly(null);
    expect(batches.body('d2')).toBeUndefined();
  });

  it('are bounded', () => {
    const batches = create();
    for (let n = 0; n <= batchesMax; n += 1) batches.put({ digest: `d${n}`, blockHash: 'A', body: 'x' });
    expect([batches.body(`d${batchesMax - 1}`), batches.body(`d${batchesMax}`)]).toEqual(['x', undefined]);
  });
});

it('survive the process', () => {
  const path = join(temporaryDir(), 's.sqlite');
  const before = openSqliteStore(path);
  createSqliteValidationBatches(before.database).put({ digest: 'd1', blockHash: 'A', body: 'é' });
  before.close();
  const after = openSqliteStore(path);
  expect(createSqliteValidationBatches(after.database).body('d1')).toBe('é');
  after.close();
});
