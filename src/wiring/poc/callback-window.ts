import type { ChainHead } from '../../adapters/chain/interface.ts';
import type { ConfirmationContext } from '../../machines/confirmation.ts';
import type { EpochContext } from '../../machines/epoch-context.ts';
import type { OutboxEntry } from '../../runtime/outbox.ts';
import type { Runtime } from '../../runtime/interface.ts';
import { type BlockHeight, blockHeight } from '../../units.ts';
import { confirmationRow } from '../row-names.ts';

/** Stage lengths of PoC v1, used only while no head was seen (docs/reference/protocol.md "Mainnet parameters"). */
const fallbackBlocks = { generated: 65, validated: 185 } as const;

/**
 * The last height at which the Network Node takes a callback of the PoC with that stage height: a regular one, a
 * confirmation PoC, or one of which only the lengths of the stages are known.
 */
export function callbackWindowEnd(
  rows: Pick<Runtime, 'rows' | 'row'>,
  head: ChainHead | undefined,
  stageHeight: number,
  kind: OutboxEntry['kind'],
): BlockHeight {
  const ofPlan = (plan: EpochContext['plan']): BlockHeight =>
    kind === 'generated' ? plan.exchangeEndHeight : plan.validationEndHeight;
  const open = planAt(rows.rows({ chart: 'epoch' }), stageHeight);
  if (open !== undefined) return ofPlan(open);
  const confirmation = rows.row(confirmationRow)?.context as ConfirmationContext | undefined;
  const stage = confirmation?.stage;
  if (stage?.triggerHeight === stageHeight)
    return blockHeight(kind === 'generated' ? stage.exchangeEndHeight : stage.validationEndHeight);
  // One that is finished has to be read from the store.
  const finished = planAt(rows.rows({ chart: 'epoch', all: true, limit: 20 }), stageHeight);
  return finished === undefined ? projected(head, stageHeight, kind) : ofPlan(finished);
}

function planAt(views: ReturnType<Runtime['rows']>, stageHeight: number): EpochContext['plan'] | undefined {
  return views
    .map((row) => (row.context as EpochContext).plan)
    .find((plan) => plan.pocStartHeight === stageHeight);
}

/** By the lengths of the current epoch's stages, and the notice that a confirmation PoC may have. */
function projected(head: ChainHead | undefined, stageHeight: number, kind: OutboxEntry['kind']): BlockHeight {
  if (head === undefined) return blockHeight(stageHeight + fallbackBlocks[kind]);
  const { current, epochLength } = head;
  const end = kind === 'generated' ? current.exchangeEndHeight : current.pocValidationEndHeight;
  const isRegular = (stageHeight - current.pocStartHeight) % epochLength === 0;
  const noticeBlocks = isRegular ? 0 : 80;
  return blockHeight(stageHeight + noticeBlocks + (end - current.pocStartHeight));
}
