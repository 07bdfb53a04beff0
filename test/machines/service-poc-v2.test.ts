import { describe, expect, test } from 'vitest';
import type { PocV2Job, RunningPocV2 } from '../../src/machines/poc-v2-context.ts';
import type { ServiceContext } from '../../src/machines/service.ts';
import type { RowEvent } from '../../src/runtime/interface.ts';
import { charts } from '../../src/wiring/charts.ts';
import { OneRow } from './one-row.ts';

const poc: RunningPocV2 = {
  leaseId: 'A',
  initBody: '{}',
  model: 'org/name',
  blockHash: 'AB',
  blockHeight: 1_000,
  publicKey: 'pk',
  nodeId: 1,
  nodeCount: 2,
  callbackOrigin: 'http://api:9100',
  callbackPath: '/v2/poc-batches/org%252Fname',
};
const job = (publicKey: string, change: Partial<PocV2Job> = {}): PocV2Job => ({
  leaseId: 'A',
  publicKey,
  blockHash: 'AB',
  blockHeight: 1_000,
  callbackOrigin: 'http://api:9100',
  callbackPath: '/v2/poc-batches/org%252Fname',
  nonceCount: 200,
  isAnswered: false,
  ...change,
});
const generating: RowEvent = { type: 'POC_V2.GENERATING', poc };
const stopped: RowEvent = { type: 'POC_V2.STOPPED' };
const posted = (key: string): RowEvent => ({ type: 'POC_V2.JOB_POSTED', job: job(key) });
const verdict = (key: string): RowEvent => ({ type: 'POC_V2.VERDICT', job: job(key) });
const lost = (leaseId: string): RowEvent => ({ type: 'MACHINE.LOST', leaseId });

async function after(...events: readonly RowEvent[]): Promise<OneRow<ServiceContext>> {
  const row = new OneRow<ServiceContext>(charts.service, []);
  for (const event of events) await row.send(event);
  return row;
}

describe('PoC v2 inside inference', () => {
  test.each<[string, readonly RowEvent[], string]>([
    ['generates once a machine took an init', [generating], 'inference.generating'],
    ['is idle after a stop', [generating, stopped], 'inference.idle'],
    ['validates once a validation was posted', [generating, stopped, posted('x')], 'inference.validating'],
    ['goes on generating when one comes early', [generating, posted('x')], 'inference.generating'],
    [
      'validates until the last verdict',
      [stopped, posted('x'), posted('y'), verdict('x')],
      'inference.validating',
    ],
    [
      'is idle with the last verdict',
      [stopped, posted('x'), posted('y'), verdict('y'), verdict('x')],
      'inference.idle',
    ],
    [
      'is idle when the machine refused the only validation',
      [posted('x'), { type: 'POC_V2.JOB_REFUSED', job: job('x') }],
      'inference.idle',
    ],
    ['generates anew for a confirmation PoC', [posted('x'), generating], 'inference.generating'],
    ['is idle when its machine is lost', [generating, lost('A')], 'inference.idle'],
    ['does not care for another machine', [generating, lost('B')], 'inference.generating'],
    [
      'is idle when the machine fell idle',
      [generating, { type: 'POC_V2.ENDED', leaseId: 'A' }],
      'inference.idle',
    ],
    [
      'stays what it is while inference is told to come up again',
      [generating, { type: 'NODE.INFERENCE_UP', body: '{}' }],
      'inference.generating',
    ],
    ['ends with a stop of the node', [generating, { type: 'NODE.STOPPED' }], 'stopped'],
    ['is not taken in another service', [{ type: 'NODE.STOPPED' }, generating], 'stopped'],
  ])('%s', async (_name, events, state) => {
    expect((await after(...events)).state).toBe(state);
  });

  test('knows each validation once, and forgets those of another stage with the next init', async () => {
    const row = await after(posted('x'), posted('x'), verdict('x'));
    expect(row.context.pocV2Jobs).toEqual([job('x', { isAnswered: true })]);
    await row.send({ type: 'POC_V2.GENERATING', poc: { ...poc, blockHeight: 2_000 } });
    expect(row.context.pocV2Jobs).toEqual([]);
  });

  test('takes a verdict that a stop overtook', async () => {
    const row = await after(posted('x'), stopped, verdict('x'));
    expect(row.state).toBe('inference.idle');
    expect(row.context.pocV2Jobs).toEqual([job('x', { isAnswered: true })]);
  });

  test('remembers what the Network Node uses, and where callbacks go', async () => {
    const callbackBase = 'http://api:9100/v2/poc-batches/org%252Fname';
    const row = await after(
      { type: 'NODE.POC_CALLED', version: 'v2', callbackBase },
      { type: 'NODE.POC_V2_POLLED' },
    );
    expect(row.context).toMatchObject({ calledPocVersion: 'v2', callbackBase, isPocV2Polled: true });
  });
});
