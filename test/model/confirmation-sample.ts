import type { ConfirmationContext, ConfirmationStage } from '../../src/machines/confirmation.ts';
import type { RowEvent } from '../../src/runtime/interface.ts';
import type { ChartSample } from './chart-walk.ts';

const stage = (sequence: number): ConfirmationStage => ({
  epochIndex: 7,
  sequence,
  triggerHeight: 1_200 + 100 * sequence,
  generationStartHeight: 1_210 + 100 * sequence,
  exchangeEndHeight: 1_240 + 100 * sequence,
  validationEndHeight: 1_260 + 100 * sequence,
});

const events: readonly RowEvent[] = [
  ...['ANNOUNCED', 'GENERATING', 'VALIDATING'].flatMap((phase) =>
    [stage(0), stage(1)].flatMap((one) =>
      [true, false].map((isMachineHeld) => ({ type: `CONFIRMATION.${phase}`, stage: one, isMachineHeld })),
    ),
  ),
  { type: 'CONFIRMATION.TAKEN', triggerHeight: 1_200 },
  { type: 'CONFIRMATION.TAKEN', triggerHeight: 1_300 },
  { type: 'CONFIRMATION.OVER', noncesDelivered: 4, validationsDelivered: 1 },
  { type: 'CONFIRMATION.OVER', noncesDelivered: 0, validationsDelivered: 0 },
];

export const confirmationSample: ChartSample = {
  inputs: [{}],
  outputs: {},
  faults: [['WIRE_TIMEOUT']],
  events,
  rests: true,
  check: ({ value, context }) => {
    const { stage: now, served, missed, records } = context as ConfirmationContext;
    if (value !== 'none' && now === null) return 'it runs and nobody knows which';
    if (records.length !== Math.min(64, served + missed)) return 'its records and its counts differ';
    const wrong = records.find(
      ({ outcome, noncesDelivered }) => outcome === 'served' && noncesDelivered === 0,
    );
    return wrong === undefined ? undefined : 'it was served without a nonce';
  },
};
