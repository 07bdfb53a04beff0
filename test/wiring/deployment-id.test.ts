import { describe, expect, it } from 'vitest';
import type { MetaTable } from '../../src/runtime/store.ts';
import { deploymentId } from '../../src/wiring/deployment-id.ts';

function metaTable(given: Record<string, string> = {}): MetaTable {
  const values = new Map(Object.entries(given));
  return { get: (key) => values.get(key), set: (key, value) => void values.set(key, value) };
}

describe('the deployment id', () => {
  it('is made on the first start, stays, and counts as unsaved while no setting has it', () => {
    const meta = metaTable();
    const first = deploymentId(meta, undefined);
    expect(first).toEqual({ id: expect.stringMatching(/^[0-9a-z]{26}$/), isUnsaved: true });
    expect(deploymentId(meta, undefined)).toEqual(first);
    expect(deploymentId(meta, first.id)).toEqual({ id: first.id, isUnsaved: false });
  });

  it('is taken over from the settings by an empty store', () => {
    const meta = metaTable();
    expect(deploymentId(meta, 'mine')).toEqual({ id: 'mine', isUnsaved: false });
    expect(deploymentId(meta, undefined)).toEqual({ id: 'mine', isUnsaved: true });
  });

  it('of the settings that differs from the store’s is refused, and the store keeps its own', () => {
    const meta = metaTable({ deployment_id: 'mine' });
    expect(() => deploymentId(meta, 'other')).toThrow(/DEPLOYMENT_ID is other, the store belongs to mine/);
    expect(meta.get('deployment_id')).toBe('mine');
  });
});
