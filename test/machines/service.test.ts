import { describe, expect, test } from 'vitest';
import type { RunningPow, ServiceContext } from '../../src/machines/service.ts';
import type { RowEvent } from '../../src/runtime/interface.ts';
import { charts } from '../../src/wiring/charts.ts';
import { OneRow } from './one-row.ts';

const pow: RunningPow = {
  machines: [{ leaseId: 'A', nodeId: 3, nodeCount: 9, standing: 'working' }],
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
    ['inference from the start', [], 'inference.idle'],
    ['stopped after a stop', [stopped], 'stopped'],
    ['stopped after inference down', [{ type: 'NODE.INFERENCE_DOWN' }], 'stopped'],
    ['inference again after inference up', [stopped, up], 'inference.idle'],
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
    ['a node that goes back to inference', [stopped, generating, up], 'inference.idle'],
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
    ['inference, whatever machine is lost', [{ type: 'MACHINE.LOST', leaseId: 'A' }], 'inference.idle'],
    ['inference until it is stopped: one service at a time', [generating], 'inference.idle'],
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

  test('remembers each posted batch of the PoC, and every machine that has it', async () => {
    const posted = (digest: string, leaseId: string, blockHash = 'AB'): RowEvent => ({
      type: 'POW.BATCH_POSTED',
      digest,
      blockHash,
      leaseId,
    });
    const row = await after(stopped, generating, posted('d1', 'A'), posted('d1', 'A'), posted('d2', 'A'));
    const batch = { blockHash: 'AB', leaseIds: ['A'], isTaken: false, isJudged: false };
    expect(row.context.postedBatches).toEqual([
      { ...batch, digest: 'd1' },
      { ...batch, digest: 'd2' },
    ]);
    await row.send({ type: 'POW.VALIDATING', pow });
    await row.send({ type: 'POW.BATCH_JUDGED', digest: 'd2' });
    await row.send(posted('d1', 'B'));
    await row.send({ type: 'POW.BATCH_TAKEN', digest: 'd1' });
    expect(row.context.postedBatches).toEqual([
      { ...batch, digest: 'd1', leaseIds: ['A', 'B'], isTaken: true },
      { ...batch, digest: 'd2', isTaken: true, isJudged: true },
    ]);
    await row.send({ type: 'POW.VALIDATING', pow: otherPow });
    expect(row.context).toMatchObject({ pow: otherPow, postedBatches: [] });
  });

  test('keeps the batches over a stop, for the machine that comes next, until inference is up', async () => {
    const batch: RowEvent = { type: 'POW.BATCH_POSTED', digest: 'd1', blockHash: 'AB', leaseId: 'A' };
    const row = await after(stopped, generating, batch, { type: 'POW.STOPPED' }, batch);
    expect(row.context).toMatchObject({ pow: null, postedBatches: [{ digest: 'd1' }] });
    await row.send(up);
    expect(row.context.postedBatches).toEqual([]);
  });
});

describe('a PoC on several machines', () => {
  const machine = (leaseId: string, nodeId: number, standing = 'working') => ({
    leaseId,
    nodeId,
    nodeCount: 18,
    standing,
  });
  const shared = { ...pow, machines: [machine('A', 3), machine('B', 12, 'asked')] } as RunningPow;
  const started: RowEvent = { type: 'POW.GENERATING', pow: shared };
  const standings = (row: OneRow<ServiceContext>): readonly string[] =>
    row.context.pow?.machines.map(({ leaseId, standing }) => `${leaseId} ${standing}`) ?? [];
  const missed: RowEvent = {
    type: 'POW.MACHINE_MISSED',
    leaseId: 'B',
    standing: 'refused',
    why: 'it answered 500',
  };
  const took: RowEvent = { type: 'POW.MACHINE_TOOK', leaseId: 'B' };

  test('goes on while one of them works, and ends with the last', async () => {
    const row = await after(stopped, started, took, { type: 'MACHINE.LOST', leaseId: 'A' });
    expect([row.state, ...standings(row)]).toEqual(['pow.generating', 'A lost', 'B working']);
    await row.rig.restart();
    await row.send({ type: 'MACHINE.LOST', leaseId: 'A' });
    expect(row.state).toBe('pow.generating');
    await row.send({ type: 'MACHINE.LOST', leaseId: 'B' });
    expect([row.state, row.context.pow]).toEqual(['stopped', null]);
  });

  test('ends when the only one that took it is lost', async () => {
    for (const event of [missed, { type: 'NOTHING.KNOWN' }]) {
      const row = await after(stopped, started, event, { type: 'MACHINE.LOST', leaseId: 'A' });
      expect(row.state).toBe('stopped');
    }
  });

  test('is alerted while a share is undone, and no longer', async () => {
    const row = await after(stopped, started, missed);
    const alerts = () => row.rig.runtime.alerts().map(({ key, code, message }) => ({ key, code, message }));
    expect(standings(row)).toEqual(['A working', 'B refused']);
    expect(alerts()).toEqual([
      {
        key: 'fleet',
        code: 'POW_SHARE_UNDONE',
        message:
          'lease B does not work in this PoC, 1 others do: it answered 500; its share of the nonces stays undone',
      },
    ]);
    await row.send(took);
    expect([standings(row), alerts()]).toEqual([['A working', 'B working'], []]);
    await row.send(missed);
    await row.send(stopped);
    expect(alerts()).toEqual([]);
  });

  test('is alerted until another PoC begins, also where nobody stopped the one before', async () => {
    const row = await after(stopped, started, missed);
    const keys = () => row.rig.runtime.alerts().map(({ key }) => key);
    await row.send(started);
    expect(keys()).toEqual(['fleet']);
    await row.send({ type: 'POW.GENERATING', pow: { ...shared, blockHash: 'another' } });
    expect(keys()).toEqual([]);
    await row.send(missed);
    expect(keys()).toEqual(['fleet']);
    await row.send({ type: 'POW.INITIALISED', pow: { ...shared, blockHash: 'a third' } });
    expect(keys()).toEqual([]);
  });

  test('remembers the shares before anybody took them and over a stop, until inference is up', async () => {
    const sharing = { initBody: pow.initBody, shares: [{ leaseId: 'A', nodeId: 3, nodeCount: 18 }] };
    const row = await after(stopped, { type: 'POW.SHARED', sharing });
    expect([row.state, row.context.sharing]).toEqual(['stopped', sharing]);
    await row.send(started);
    await row.send(stopped);
    await row.rig.restart();
    expect(row.context.sharing).toEqual(sharing);
    await row.send(up);
    expect(row.context.sharing).toBeNull();
  });

  test('is joined by machines that come later', async () => {
    const late = machine('C', -1, 'asked');
    const row = await after(stopped, started, { type: 'POW.MACHINE_JOINED', machine: late });
    expect(standings(row)).toEqual(['A working', 'B asked', 'C asked']);
  });
});
