import { describe, expect, test } from 'vitest';
import type { ConfirmationContext, ConfirmationStage } from '../../src/machines/confirmation.ts';
import type { RowEvent } from '../../src/runtime/interface.ts';
import { charts } from '../../src/wiring/charts.ts';
import { OneRow } from './one-row.ts';

const stage: ConfirmationStage = {
  epochIndex: 136,
  sequence: 0,
  triggerHeight: 5_000,
  generationStartHeight: 5_002,
  exchangeEndHeight: 5_036,
  validationEndHeight: 5_280,
};
const seen = (phase: 'ANNOUNCED' | 'GENERATING' | 'VALIDATING', isMachineHeld = true): RowEvent => ({
  type: `CONFIRMATION.${phase}`,
  stage,
  isMachineHeld,
});
const taken: RowEvent = { type: 'CONFIRMATION.TAKEN', triggerHeight: 5_000 };
const over = (noncesDelivered: number): RowEvent => ({
  type: 'CONFIRMATION.OVER',
  noncesDelivered,
  validationsDelivered: 3,
});

async function after(...events: readonly RowEvent[]): Promise<OneRow<ConfirmationContext>> {
  const row = new OneRow<ConfirmationContext>(charts.confirmation, []);
  for (const event of events) await row.send(event);
  return row;
}

describe('a confirmation PoC', () => {
  test.each<[string, readonly RowEvent[], string]>([
    ['none at first', [], 'none'],
    ['announced', [seen('ANNOUNCED')], 'announced'],
    ['generating', [seen('ANNOUNCED'), seen('GENERATING')], 'generating.serving'],
    ['generating when the notice was not seen', [seen('GENERATING')], 'generating.serving'],
    ['unserved without a machine', [seen('GENERATING', false)], 'generating.unserved'],
    ['validating', [seen('GENERATING'), seen('VALIDATING')], 'validating'],
    ['done', [seen('GENERATING'), seen('VALIDATING'), over(0)], 'done'],
    ['announced again', [seen('VALIDATING'), over(0), seen('ANNOUNCED')], 'announced'],
  ])('is %s', async (_name, events, state) => {
    expect((await after(...events)).state).toBe(state);
  });

  test('that a machine took and whose artifacts arrived is served, without an alert', async () => {
    const row = await after(seen('ANNOUNCED'), taken, seen('GENERATING'), seen('VALIDATING'), over(640));
    expect(row.context).toMatchObject({ served: 1, missed: 0 });
    expect(row.context.records).toMatchObject([
      { epochIndex: 136, triggerHeight: 5_000, outcome: 'served', noncesDelivered: 640 },
    ]);
    expect(row.alerts).toEqual([]);
  });

  test.each<[string, readonly RowEvent[]]>([
    ['that no machine took', [seen('GENERATING'), seen('VALIDATING'), over(0)]],
    ['of which nothing arrived', [seen('GENERATING'), taken, seen('VALIDATING'), over(0)]],
    ['whose init was another one', [seen('GENERATING'), { ...taken, triggerHeight: 4_999 }, over(99)]],
  ])('%s is missed, recorded and alerted', async (_name, events) => {
    const row = await after(...events);
    expect(row.context).toMatchObject({ served: 0, missed: 1, records: [{ outcome: 'missed' }] });
    expect(row.alerts).toEqual(['CONFIRMATION_MISSED']);
  });

  test('that finds no machine is alerted while it runs, and no longer once the next was served', async () => {
    const row = await after(seen('GENERATING', false));
    expect(row.alerts).toEqual(['CONFIRMATION_MISSED']);
    for (const event of [seen('VALIDATING', false), over(0)]) await row.send(event);
    for (const event of [seen('GENERATING'), taken, seen('VALIDATING'), over(5)]) await row.send(event);
    expect(row.alerts).toEqual([]);
    expect(row.context.records.map(({ outcome }) => outcome)).toEqual(['missed', 'served']);
  });

  test('keeps its place over a crash', async () => {
    const row = await after(seen('ANNOUNCED'), taken);
    await row.rig.restart();
    expect(row.state).toBe('announced');
    expect(row.context).toMatchObject({ isTaken: true, stage });
  });

  test('is none at first: nothing is taken, held or recorded', async () => {
    expect((await after()).context).toEqual({
      stage: null,
      isTaken: false,
      isMachineHeld: false,
      served: 0,
      missed: 0,
      records: [],
    });
  });

  test('that was taken says nothing of the next one', async () => {
    const row = await after(seen('GENERATING'), taken, over(5));
    await row.send({ ...seen('ANNOUNCED'), stage: { ...stage, sequence: 1, triggerHeight: 6_000 } });
    expect(row.context.isTaken).toBe(false);
    await row.send({ ...seen('GENERATING'), stage: { ...stage, sequence: 1, triggerHeight: 6_000 } });
    await row.send(over(9));
    expect(row.context.records.map(({ outcome }) => outcome)).toEqual(['served', 'missed']);
  });

  test('is named in the alert by its number, its epoch and its height, with the reason', async () => {
    const row = await after({ ...seen('GENERATING', false), stage: { ...stage, sequence: 3 } });
    const message = () => row.rig.runtime.alerts()[0]?.message;
    expect(message()).toContain(
      'confirmation PoC 3 of epoch 136 (height 5000) runs and no machine of ours is held, because no machine was held',
    );
    const held = await after(seen('GENERATING'), over(0));
    expect(held.rig.runtime.alerts()[0]?.message).toContain('was missed, although a machine was held');
  });

  test('is remembered for sixteen epochs of four', async () => {
    const row = await after();
    for (let triggerHeight = 1; triggerHeight <= 65; triggerHeight += 1) {
      await row.send({ ...seen('GENERATING'), stage: { ...stage, triggerHeight } });
      await row.send(over(0));
    }
    const { records, missed } = row.context;
    expect([records.length, records[0]?.triggerHeight, records.at(-1)?.triggerHeight, missed]).toEqual([
      64, 2, 65, 65,
    ]);
  });
});
