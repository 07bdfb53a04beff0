import { expect, it, onTestFinished } from 'vitest';
import { parseEpochsAnswer } from '../../../src/adapters/chain/epochs-answer.ts';
import type { ChainHead } from '../../../src/adapters/chain/interface.ts';
import type { ConfirmationContext } from '../../../src/machines/confirmation.ts';
import { createRuntime } from '../../../src/runtime/durable-runtime.ts';
import type { JournalEntry, Runtime } from '../../../src/runtime/interface.ts';
import { createMemoryStore } from '../../../src/runtime/memory-store.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { unixMs } from '../../../src/units.ts';
import { callbackWindowEnd } from '../../../src/wiring/poc/callback-window.ts';
import { createConfirmationWatch } from '../../../src/wiring/chain/confirmation-watch.ts';
import { charts } from '../../../src/wiring/daemon.ts';
import { chainClockRow, confirmationRow, serviceRow } from '../../../src/wiring/row-names.ts';
import { MemoryOutbox } from '../../support/memory-outbox.ts';

/** Mainnet's numbers of v0.2.12 (docs/reference/protocol.md "Epoch arithmetic"). */
const stages = (start: number): object => ({
  poc_start: start,
  poc_generation_end: start + 35,
  poc_validation_start: start + 40,
  poc_validation_end: start + 280,
  set_new_validators: start + 400,
  next_poc_start: start + 15_391,
});

function headAt(height: number, event?: object | null, isActive = event !== undefined): ChainHead {
  const body = JSON.stringify({
    block_height: height,
    latest_epoch: { index: 360, poc_start_block_height: 5_552_115 },
    phase: 'Inference',
    epoch_stages: stages(5_552_115),
    next_epoch_stages: stages(5_567_506),
    epoch_params: { epoch_length: 15_391 },
    is_confirmation_poc_active: isActive,
    ...(event === undefined ? {} : { active_confirmation_poc_event: event }),
  });
  return parseEpochsAnswer(body, 'test', unixMs(0));
}
const event = (phase: number | string, trigger: number | string = 5_560_000): object => ({
  epoch_index: 360,
  event_sequence: 1,
  trigger_height: trigger,
  generation_start_height: Number(trigger) + 2,
  phase,
});

function rig() {
  const store = createMemoryStore();
  const runtime = createRuntime({
    store,
    clock: new VirtualClock(1_000_000),
    charts: { service: charts.service, confirmation: charts.confirmation },
    effects: { service: {}, confirmation: {} },
    report: { parked: () => undefined, late: () => undefined },
  });
  runtime.start();
  runtime.open('service', serviceRow, {});
  runtime.open('confirmation', confirmationRow, {});
  const held = { isHeld: true };
  const lease = { id: 'lease:A', value: { held: 'ready' }, context: { leaseId: 'A', readyAt: 1 } };
  const rows = {
    row: (id: string) => runtime.row(id),
    rows: (options?: { chart?: string }) =>
      options?.chart === 'lease' ? (held.isHeld ? [lease] : []) : runtime.rows(options),
    send: (id: string, sent: { type: string }) => runtime.send(id, sent),
  } as unknown as Runtime;
  const outbox = new MemoryOutbox();
  let head: ChainHead | undefined;
  let step: (entry: JournalEntry) => void = () => undefined;
  createConfirmationWatch({
    rows,
    room: { isOpen: () => true },
    outbox,
    head: () => head,
    clockRows: {
      onStep: (listener) => {
        step = listener;
        return () => undefined;
      },
    },
  });
  onTestFinished(async () => {
    await runtime.stop();
    store.close();
  });
  const see = (next: ChainHead): void => {
    head = next;
    step({ rowId: chainClockRow } as JournalEntry);
  };
  const row = () => runtime.row(confirmationRow);
  return {
    see,
    held,
    outbox,
    rows,
    runtime,
    state: () => row()?.value,
    context: () => row()?.context as ConfirmationContext,
  };
}

it('follows the event in both of its shapes, and works out its heights', () => {
  const { see, state, context, rows } = rig();
  see(headAt(5_560_000, event(1)));
  expect(state()).toBe('announced');
  see(headAt(5_560_003, event('CONFIRMATION_POC_GENERATION', '5560000')));
  expect(state()).toEqual({ generating: 'serving' });
  expect(context().stage).toEqual({
    epochIndex: 360,
    sequence: 1,
    triggerHeight: 5_560_000,
    generationStartHeight: 5_560_002,
    exchangeEndHeight: 5_560_036,
    validationEndHeight: 5_560_280,
  });
  const end = (kind: 'generated' | 'validated') => callbackWindowEnd(rows, undefined, 5_560_000, kind);
  expect([end('generated'), end('validated')]).toEqual([5_560_036, 5_560_280]);
  see(headAt(5_560_050, event('VALIDATION')));
  expect(state()).toBe('validating');
});

it('takes nothing back for a head that lags behind, and is not misled by one that cannot be read', () => {
  const { see, state } = rig();
  see(headAt(5_560_050, event(3)));
  see(headAt(5_560_049, event(2)));
  expect(state()).toBe('validating');
  see(headAt(5_560_051, { phase: 'SOMETHING_NEW' }, true));
  expect(state()).toBe('validating');
});

it('counts it as served by the init that a machine took and by what the Network Node took', () => {
  const { see, context, state, runtime, outbox } = rig();
  see(headAt(5_560_001, event(1)));
  runtime.send(serviceRow, {
    type: 'POC_V2.GENERATING',
    poc: { leaseId: 'A', blockHeight: 5_560_000 },
  });
  see(headAt(5_560_003, event(2)));
  expect(context().isTaken).toBe(true);
  const entry = outbox.put({
    leaseId: 'A',
    kind: 'generated',
    url: 'http://api:9100/x',
    body: Buffer.from(''),
    receivedAt: unixMs(0),
    windowEndHeight: context().stage?.exchangeEndHeight as never,
    nonceCount: 640,
  });
  outbox.finish(entry.id, 'delivered');
  see(headAt(5_560_281));
  expect(state()).toBe('done');
  expect(context()).toMatchObject({ served: 1, records: [{ noncesDelivered: 640, outcome: 'served' }] });
});

it('records one that nobody could serve, once, though the chain goes on naming it', () => {
  const { see, held, context, runtime } = rig();
  held.isHeld = false;
  see(headAt(5_560_003, event(2)));
  expect(runtime.alerts().map(({ code }) => code)).toEqual(['CONFIRMATION_MISSED']);
  see(headAt(5_560_281, event(4)));
  see(headAt(5_560_282, event(3)));
  expect(context()).toMatchObject({ served: 0, missed: 1, isMachineHeld: false });
});

it('ends the one before when another begins', () => {
  const { see, context, state } = rig();
  see(headAt(5_560_050, event(3)));
  see(headAt(5_561_000, event(1, 5_561_000)));
  expect(state()).toBe('announced');
  expect(context().records).toMatchObject([{ triggerHeight: 5_560_000, outcome: 'missed' }]);
});
