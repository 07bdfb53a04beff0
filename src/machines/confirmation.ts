import { assign, setup } from 'xstate';
import { atOf } from './stamp.ts';
import type { UnixMs } from '../units.ts';
import { writes } from './writes.ts';

/** One confirmation PoC as the chain announced it, with the heights that follow from its parameters. */
export interface ConfirmationStage {
  readonly epochIndex: number;
  readonly sequence: number;
  /** Stands as `block_height` in every call and callback of it. */
  readonly triggerHeight: number;
  readonly generationStartHeight: number;
  /** Last height at which generated callbacks are taken. */
  readonly exchangeEndHeight: number;
  readonly validationEndHeight: number;
}

/** What became of one that is over. */
export interface ConfirmationRecord {
  readonly epochIndex: number;
  readonly triggerHeight: number;
  readonly outcome: 'served' | 'missed';
  readonly noncesDelivered: number;
  readonly validationsDelivered: number;
  readonly endedAt: UnixMs;
}

export interface ConfirmationContext {
  /** The one that runs, or ran last. */
  readonly stage: ConfirmationStage | null;
  /** Whether a machine took its init. */
  readonly isTaken: boolean;
  readonly isMachineHeld: boolean;
  readonly served: number;
  readonly missed: number;
  /** The newest at the end. */
  readonly records: readonly ConfirmationRecord[];
}

export type ConfirmationEvent =
  | {
      readonly type: 'CONFIRMATION.ANNOUNCED';
      readonly stage: ConfirmationStage;
      readonly isMachineHeld: boolean;
    }
  | {
      readonly type: 'CONFIRMATION.GENERATING';
      readonly stage: ConfirmationStage;
      readonly isMachineHeld: boolean;
    }
  | {
      readonly type: 'CONFIRMATION.VALIDATING';
      readonly stage: ConfirmationStage;
      readonly isMachineHeld: boolean;
    }
  | { readonly type: 'CONFIRMATION.TAKEN'; readonly triggerHeight: number }
  | {
      readonly type: 'CONFIRMATION.OVER';
      readonly noncesDelivered: number;
      readonly validationsDelivered: number;
    };

/** Some sixteen epochs of four. */
const recordsMax = 64;

type Seen = Extract<ConfirmationEvent, { stage: ConfirmationStage }>;
type Over = Extract<ConfirmationEvent, { type: 'CONFIRMATION.OVER' }>;

const isServed = (context: ConfirmationContext, { noncesDelivered }: { noncesDelivered: number }): boolean =>
  context.isTaken && noncesDelivered > 0;

const seen = (target: string) =>
  ({ target, actions: { type: 'noteStage', params: ({ event }: { event: Seen }) => event } }) as const;
const taken = {
  'CONFIRMATION.TAKEN': {
    guard: { type: 'isThis', params: ({ event }: { event: { triggerHeight: number } }) => event },
    actions: 'noteTaken',
  },
} as const;
const over = {
  'CONFIRMATION.OVER': [
    {
      guard: { type: 'isServed', params: ({ event }: { event: Over }) => event },
      target: 'done',
      actions: [
        { type: 'noteOutcome', params: ({ event }: { event: Over }) => ({ ...event, at: atOf(event) }) },
        { type: 'clearAlert', params: { key: 'confirmation' } },
      ],
    },
    {
      target: 'done',
      actions: [
        { type: 'noteOutcome', params: ({ event }: { event: Over }) => ({ ...event, at: atOf(event) }) },
        {
          type: 'raiseAlert',
          params: ({ context }: { context: ConfirmationContext }) => missedAlert(context, 'was missed'),
        },
      ],
    },
  ],
} as const;

/**
 * Confirmation PoC (docs/reference/protocol.md "Confirmation PoC"): the chain's own word decides the phase, our outbox
 * whether it was served. Durable; one row, one event at a time.
 */
export const confirmationMachine = setup({
  types: { context: {} as ConfirmationContext, events: {} as ConfirmationEvent },
  guards: {
    isServed: ({ context }, params: { noncesDelivered: number }) => isServed(context, params),
    isThis: ({ context }, params: { triggerHeight: number }) =>
      context.stage?.triggerHeight === params.triggerHeight,
    hasNoMachine: ({ context }) => !context.isMachineHeld && !context.isTaken,
  },
  actions: {
    ...writes,
    noteStage: assign({
      stage: (_, params: Omit<Seen, 'type'>) => params.stage,
      isMachineHeld: (_, params) => params.isMachineHeld,
      isTaken: ({ context }, params) =>
        context.isTaken && context.stage?.triggerHeight === params.stage.triggerHeight,
    }),
    noteTaken: assign({ isTaken: true }),
    noteOutcome: assign(({ context }, params: Omit<Over, 'type'> & { at: UnixMs }) =>
      withRecord(context, params),
    ),
  },
}).createMachine({
  id: 'confirmation',
  initial: 'none',
  options: { maxIterations: 100 },
  context: { stage: null, isTaken: false, isMachineHeld: false, served: 0, missed: 0, records: [] },
  states: {
    none: {
      on: {
        'CONFIRMATION.ANNOUNCED': seen('announced'),
        'CONFIRMATION.GENERATING': seen('generating'),
        'CONFIRMATION.VALIDATING': seen('validating'),
      },
    },
    announced: {
      on: {
        'CONFIRMATION.GENERATING': seen('generating'),
        'CONFIRMATION.VALIDATING': seen('validating'),
        ...taken,
        ...over,
      },
    },
    generating: {
      initial: 'checking',
      on: { 'CONFIRMATION.VALIDATING': seen('validating'), ...taken, ...over },
      states: {
        checking: { always: [{ guard: 'hasNoMachine', target: 'unserved' }, { target: 'serving' }] },
        serving: {},
        /** Nobody can rent a machine in the two blocks of notice: said while it still runs. */
        unserved: {
          entry: {
            type: 'raiseAlert',
            params: ({ context }) => missedAlert(context, 'runs and no machine of ours is held'),
          },
        },
      },
    },
    validating: { on: { ...taken, ...over } },
    done: {
      on: {
        'CONFIRMATION.ANNOUNCED': seen('announced'),
        'CONFIRMATION.GENERATING': seen('generating'),
        'CONFIRMATION.VALIDATING': seen('validating'),
      },
    },
  },
});

function missedAlert({ stage, isMachineHeld }: ConfirmationContext, what: string) {
  const which = `confirmation PoC ${stage?.sequence ?? 0} of epoch ${stage?.epochIndex ?? 0} (height ${stage?.triggerHeight ?? 0})`;
  const why = isMachineHeld ? 'although a machine was held' : 'because no machine was held';
  return {
    key: 'confirmation',
    code: 'CONFIRMATION_MISSED',
    message: `${which} ${what}, ${why}; unless the node is preserved for it, the epoch may go unrewarded`,
  } as const;
}

function withRecord(
  context: ConfirmationContext,
  { noncesDelivered, validationsDelivered, at }: Omit<Over, 'type'> & { at: UnixMs },
): Partial<ConfirmationContext> {
  const served = isServed(context, { noncesDelivered });
  const record: ConfirmationRecord = {
    epochIndex: context.stage?.epochIndex ?? 0,
    triggerHeight: context.stage?.triggerHeight ?? 0,
    outcome: served ? 'served' : 'missed',
    noncesDelivered,
    validationsDelivered,
    endedAt: at,
  };
  return {
    served: context.served + (served ? 1 : 0),
    missed: context.missed + (served ? 0 : 1),
    records: [...context.records, record].slice(-recordsMax),
  };
}
