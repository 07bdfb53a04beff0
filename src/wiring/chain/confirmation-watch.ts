import type { ConfirmationPoc } from '../../adapters/chain/confirmation-event.ts';
import type { ChainHead } from '../../adapters/chain/interface.ts';
import type { ConfirmationContext, ConfirmationStage } from '../../machines/confirmation.ts';
import type { ServiceContext } from '../../machines/service.ts';
import type { Outbox } from '../../runtime/outbox.ts';
import type { Runtime } from '../../runtime/interface.ts';
import { blockHeight } from '../../units.ts';
import { heldMachines } from '../renting/held-machines.ts';
import type { MachineRoom } from '../machine/machine-room.ts';
import { chainClockRow, confirmationRow, serviceRow } from '../row-names.ts';

export interface ConfirmationWatchOptions {
  readonly rows: Runtime;
  /** Rows in memory: a step of the chain clock may bring a head. */
  readonly clockRows: Pick<Runtime, 'onStep'>;
  head(): ChainHead | undefined;
  readonly room: Pick<MachineRoom, 'isOpen'>;
  readonly outbox: Pick<Outbox, 'within'>;
}

/** Carries what heads say of confirmation PoC to its row. */
export interface ConfirmationWatch {
  stop(): void;
}

const eventOf = {
  inactive: null,
  gracePeriod: 'CONFIRMATION.ANNOUNCED',
  generation: 'CONFIRMATION.GENERATING',
  validation: 'CONFIRMATION.VALIDATING',
  completed: null,
} as const;
/** In the order in which they follow each other; a head that lags behind takes nothing back. */
const ranks: Readonly<Record<string, number>> = {
  none: 0,
  done: 0,
  announced: 1,
  generating: 2,
  validating: 3,
};
const rankOf = { inactive: 0, gracePeriod: 1, generation: 2, validation: 3, completed: 4 } as const;

export function createConfirmationWatch(options: ConfirmationWatchOptions): ConfirmationWatch {
  const { rows, room, outbox } = options;
  let seenHeight = -1;
  const context = (): ConfirmationContext => rows.row(confirmationRow)?.context as ConfirmationContext;
  const send = (event: { type: string; [field: string]: unknown }): void =>
    void rows.send(confirmationRow, event);
  const rank = (): number => ranks[nameOf(rows.row(confirmationRow)?.value)] ?? 0;

  /** The one that runs is over: what the Network Node took of it decides whether it was served. */
  function end(): void {
    const { stage } = context();
    if (stage === null || rank() === 0) return;
    send({
      type: 'CONFIRMATION.OVER',
      noncesDelivered: outbox.within(blockHeight(stage.exchangeEndHeight)).deliveredNonces,
      validationsDelivered: outbox.within(blockHeight(stage.validationEndHeight)).deliveredCallbacks,
    });
  }

  function follow(event: ConfirmationPoc, head: ChainHead): void {
    const { stage, records } = context();
    const isNew = stage?.triggerHeight !== event.triggerHeight;
    if (isNew) end();
    const isOver = records.some(({ triggerHeight }) => triggerHeight === event.triggerHeight);
    const type = eventOf[event.phase];
    if (type === null || isOver) return;
    if (isNew || rank() < rankOf[event.phase])
      send({ type, stage: stageOf(event, head), isMachineHeld: heldMachines(rows, room).length > 0 });
    noteTaken(event.triggerHeight);
  }

  /** Whether the init that a machine took last is the one of this event. Said once. */
  function noteTaken(triggerHeight: number): void {
    const { pow, pocV2 } = (rows.row(serviceRow)?.context ?? {}) as Partial<ServiceContext>;
    const isTaken = [pow?.blockHeight, pocV2?.blockHeight].includes(triggerHeight);
    if (isTaken && !context().isTaken) send({ type: 'CONFIRMATION.TAKEN', triggerHeight });
  }

  function look(): void {
    const head = options.head();
    if (head === undefined || head.height === seenHeight || rows.row(confirmationRow) === undefined) return;
    seenHeight = head.height;
    const event = head.confirmation ?? null;
    if (event !== null && event.phase !== 'completed') follow(event, head);
    else if (!head.isConfirmationPocActive || event?.phase === 'completed') end();
  }

  return {
    stop: options.clockRows.onStep((entry) => {
      if (entry.rowId === chainClockRow) look();
    }),
  };
}

/**
 * The heights of a confirmation PoC: generation lasts to start + stage − 1, validation begins after exchange and delay
 * (docs/reference/protocol.md "Confirmation PoC"). Lengths are those of the current epoch's stages.
 */
export function stageOf(event: ConfirmationPoc, { current }: ChainHead): ConfirmationStage {
  const generation = current.pocGenerationEndHeight - current.pocStartHeight;
  const exchange = current.exchangeEndHeight - current.pocGenerationEndHeight;
  const delay = current.pocValidationStartHeight - current.pocGenerationEndHeight;
  const validation = current.pocValidationEndHeight - current.pocValidationStartHeight;
  const exchangeEndHeight = event.generationStartHeight + generation - 1 + exchange;
  return {
    epochIndex: event.epochIndex,
    sequence: event.sequence,
    triggerHeight: event.triggerHeight,
    generationStartHeight: event.generationStartHeight,
    exchangeEndHeight,
    validationEndHeight: exchangeEndHeight + delay + validation - 1,
  };
}

const nameOf = (value: unknown): string =>
  typeof value === 'string' ? value : (Object.keys(value ?? {})[0] ?? 'none');
