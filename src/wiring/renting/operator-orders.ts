import type { Config } from '../../config/config.ts';
import { HybridError } from '../../errors.ts';
import type { EpochContext } from '../../machines/epoch-context.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { EpochPlan } from '../../policy/epoch-plan.ts';
import type { OperatorOrders, ReleaseOrder, RentOrder } from '../../server/inspection/orders-route.ts';
import type { BlockHeight } from '../../units.ts';
import type { Daemon } from '../daemon.ts';
import { epochRow, leaseRow } from '../row-names.ts';
import { openLeases } from './release-all.ts';

/** Orders of a person, as events of the rows that they concern: the charts decide what follows. */
export function createOperatorOrders(
  config: Config,
  daemon: Pick<Daemon, 'rows' | 'follower'>,
): OperatorOrders {
  return {
    release: (order) => {
      const leases = meant(openLeases(daemon.rows), order);
      for (const { leaseId } of leases) {
        daemon.rows.send(leaseRow(leaseId), {
          type: 'LEASE.RELEASE_ASKED',
          reason: 'the operator asked for it',
        });
      }
      return { asked: leases.map(({ leaseId, instanceId }) => ({ leaseId, instanceId })) };
    },
    rent: (order) => rent(config, daemon, order),
  };
}

function meant(open: readonly LeaseContext[], order: ReleaseOrder): readonly LeaseContext[] {
  if ('all' in order) return open;
  const one = open.find((lease) =>
    'leaseId' in order ? lease.leaseId === order.leaseId : lease.instanceId === order.instanceId,
  );
  if (one !== undefined) return [one];
  const called = 'leaseId' in order ? `id ${order.leaseId}` : `instance ${order.instanceId}`;
  throw refused(`no open lease has ${called}; "leases" lists them`);
}

/** The coming PoC's own row is told to begin now, so that caps, proof and release are those of any other rental. */
function rent(
  config: Config,
  { rows, follower }: Pick<Daemon, 'rows' | 'follower'>,
  { until }: RentOrder,
): ReturnType<OperatorOrders['rent']> {
  if (config.rental.policy === 'off') throw refused('RENTAL_POLICY is off: this daemon rents nothing');
  const head = follower.head();
  if (head === undefined) throw refused('no head of the chain is known yet');
  const id = epochRow(head.next.epochIndex);
  const row = rows.row(id);
  if (row === undefined) throw refused(`PoC ${head.next.epochIndex} is not planned yet`);
  if (row.value !== 'idle' && row.value !== 'approaching')
    throw refused(`PoC ${head.next.epochIndex} is past its planning: ${JSON.stringify(row.value)}`);
  const { plan } = row.context as EpochContext;
  const mode = until === 'epoch-end' ? 'epoch' : 'sprint';
  const holdUntilHeight = mode === 'epoch' ? head.next.nextPocStartHeight : plan.validationEndHeight;
  rows.send(id, { type: 'PLAN.CHANGED', plan: beginningNow(plan, head.height, mode, holdUntilHeight) });
  // The next head would bring the ordinary plan back: the heights of this one are reached before it comes.
  rows.heightReached(head.height);
  rows.heightReached(head.height);
  return {
    epochIndex: plan.epochIndex,
    mode,
    rentHeight: head.height,
    pocStartHeight: plan.pocStartHeight,
    holdUntilHeight,
  };
}

const beginningNow = (
  plan: EpochPlan,
  height: BlockHeight,
  mode: 'sprint' | 'epoch',
  holdUntilHeight: BlockHeight,
): EpochPlan => ({
  ...plan,
  mode,
  reason: 'the operator ordered it',
  approachHeight: height,
  rentHeight: height,
  launchHeights: [height, ...plan.launchHeights.filter((later) => later > height)],
  holdUntilHeight,
});

const refused = (message: string): HybridError => new HybridError({ code: 'ORDER_REFUSED', message });
