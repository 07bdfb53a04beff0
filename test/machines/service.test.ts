import { describe, expect, test } from 'vitest';
import type { RunningPow, ServiceContext } from '../../src/machines/service.ts';
import type { RowEvent } from '../../src/runtime/interface.ts';
import { charts } from '../../src/wiring/daemon.ts';
import { OneRow } from './one-row.ts';

const pow: RunningPow = {
  leaseId: 'A',
  initBody: '{"block_hash":"AB"}',
  blockHash: 'AB',
  blockHeight: 1_000,
  publicKey: 'pk',
  nodeId: 3,
  nodeCount: 9,
  callbackOrigin: 'http://10.0.0.1:9100',
  callbackPath: '/v1/poc-batches',
};
const otherPow: RunningPow = { ...pow, initBody: '{"block_hash":"CD"}', blockHash: 'CD' };
const generating: RowEvent = { type: 'POW.GENERATING', pow };

/** The service after some events. */
async function after(...events: readonly RowEvent[]): Promise<OneRow<ServiceContext>> {
  const row = new OneRow<ServiceContext>(charts.service, []);
  for (const event of events) await row.send(event);
  return row;
}

const stopped: RowEvent = { type: 'NODE.STOPPED' };
const up: RowEvent = { type: 'NODE.INFERENCE_UP', body: '{"model":"m"}' };

describe('what the permanent node presents', () => {
  test.each<[string, readonly RowEvent[], string]>([
    ['inference from the start', [], 'inference'],
    ['stopped after a stop', [stopped], 'stopped'],
    ['stopped after inference down', [{ type: 'NODE.INFERENCE_DOWN' }], 'stopped'],
    ['inference again after inference up', [stopped, up], 'inference'],
    ['an initialised PoC', [stopped, { type: 'POW.INITIALISED', pow }], 'pow.idle'],
    ['a generating PoC', [stopped, generating], 'pow.generating'],
    ['a validating PoC', [stopped, { type: 'POW.VALIDATING', pow }], 'pow.validating'],
    ['a PoC that is initialised again', [stopped, generating, { type: 'POW.INITIALISED', pow }], 'pow.idle'],
    ['a PoC that generates again', [stopped, { type: 'POW.VALIDATING', pow }, generating], 'pow.generating'],
    [
      'a PoC that is told to validate',
      [stopped, generating, { type: 'POW.VALIDATING', pow }],
      'pow.validating',
    ],
    ['a PoC whose phase is set', [stopped, generating, { type: 'POW.PHASE_VALIDATE' }], 'pow.validating'],
    [
      'a PoC whose phase is set back',
      [stopped, generating, { type: 'POW.PHASE_VALIDATE' }, { type: 'POW.PHASE_GENERATE' }],
      'pow.generating',
    ],
    ['a stopped PoC', [stopped, generating, { type: 'POW.STOPPED' }], 'stopped'],
    ['a node that is stopped during PoC', [stopped, generating, stopped], 'stopped'],
    ['a node that goes back to inference', [stopped, generating, up], 'inference'],
    [
      'a PoC whose machine was lost',
      [stopped, generating, { type: 'MACHINE.LOST', leaseId: 'A' }],
      'stopped',
    ],
    [
      'a PoC beside a lost machine',
      [stopped, generating, { type: 'MACHINE.LOST', leaseId: 'B' }],
      'pow.generating',
    ],
    ['inference, whatever machine is lost', [{ type: 'MACHINE.LOST', leaseId: 'A' }], 'inference'],
    ['inference until it is stopped: one service at a time', [generating], 'inference'],
    ['no phase without a PoC', [stopped, { type: 'POW.PHASE_GENERATE' }], 'stopped'],
    [
      'no inference down during PoC',
      [stopped, generating, { type: 'NODE.INFERENCE_DOWN' }],
      'pow.generating',
    ],
  ])('is %s', async (_title, events, state) => {
    const row = await after(...events);
    expect(row.state).toBe(state);
    expect(row.context.pow === null).toBe(!state.startsWith('pow'));
    await row.rig.restart();
    expect(row.state).toBe(state);
  });

  test('keeps the body of the last inference up for a later model start', async () => {
    const row = await after(up, stopped, { type: 'NODE.INFERENCE_UP', body: '{"model":"n"}' });
    expect(row.context.inferenceUpBody).toBe('{"model":"n"}');
  });

  test('remembers each posted batch once, as long as the same init runs on the same machine', async () => {
    const batch: RowEvent = { type: 'POW.BATCH_POSTED', digest: 'd1' };
    const row = await after(stopped, generating, batch, batch, { type: 'POW.BATCH_POSTED', digest: 'd2' });
    expect(row.context.postedBatches).toEqual(['d1', 'd2']);
    await row.send({ type: 'POW.VALIDATING', pow });
    expect(row.context.postedBatches).toEqual(['d1', 'd2']);
    await row.send({ type: 'POW.VALIDATING', pow: otherPow });
    expect(row.context).toMatchObject({ pow: otherPow, postedBatches: [] });
    await row.send(batch);
    await row.send({ type: 'POW.VALIDATING', pow: { ...otherPow, leaseId: 'B' } });
    expect(row.context.postedBatches).toEqual([]);
  });

  test('forgets the PoC and its batches when it ends, and a batch without a PoC is no batch', async () => {
    const batch: RowEvent = { type: 'POW.BATCH_POSTED', digest: 'd1' };
    const row = await after(stopped, generating, batch, { type: 'POW.STOPPED' }, batch);
    expect(row.context).toMatchObject({ pow: null, postedBatches: [] });
  });
});
