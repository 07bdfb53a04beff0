import type { PowMachine } from '../../machines/running-pow.ts';
import { hasClass } from '../../policy/nonce-partition.ts';
import { fleetWidth, type PocVersion } from '../../policy/poc-version.ts';
import type { LeaseTotals } from '../../runtime/outbox.ts';
import type { CallbackPost } from './callback-post.ts';
import type { ServiceDesk } from './service-desk.ts';

/** What one machine does in the running PoC, and what came of it. */
export interface FleetMachineView {
  readonly leaseId: string;
  readonly standing: PowMachine['standing'];
  /** Its nonces are `from`, `from + step`, `from + 2·step` …; null = it only validates. */
  readonly share: { readonly from: number; readonly step: number } | null;
  /** Taken by the Network Node. */
  readonly noncesDelivered: number;
  /** On their way to it. */
  readonly noncesWaiting: number;
  readonly verdictsDelivered: number;
  /** Batches that it was given and that wait for its verdict. */
  readonly batchesWaiting: number;
}

export interface FleetView {
  /** `GPU_FLEET_WIDTH`. */
  readonly width: number;
  /** Why fewer machines are used than that; null = they are not fewer. */
  readonly refusal: string | null;
  /** Of the PoC that runs (v1); null while none does. */
  readonly pocStartHeight: number | null;
  readonly machines: readonly FleetMachineView[];
}

/** The machines behind the one node, each with its share and its books. */
export function fleetView({
  width,
  version,
  desk,
  post,
}: {
  readonly width: number;
  readonly version: PocVersion;
  readonly desk: Pick<ServiceDesk, 'context'>;
  readonly post: Pick<CallbackPost, 'books' | 'verdicts'>;
}): FleetView {
  const { pow, postedBatches } = desk.context();
  const { refusal } = fleetWidth(width, version);
  if (pow === null) return { width, refusal, pocStartHeight: null, machines: [] };
  const [generated, validated] = [byLease(post.books()), byLease(post.verdicts())];
  const machines = pow.machines.map((machine) => ({
    leaseId: machine.leaseId,
    standing: machine.standing,
    share: hasClass(machine) ? { from: machine.nodeId, step: machine.nodeCount } : null,
    noncesDelivered: generated.get(machine.leaseId)?.deliveredNonces ?? 0,
    noncesWaiting: generated.get(machine.leaseId)?.queuedNonces ?? 0,
    verdictsDelivered: validated.get(machine.leaseId)?.deliveredCallbacks ?? 0,
    batchesWaiting: postedBatches.filter(
      ({ isJudged, leaseIds }) => !isJudged && leaseIds.at(-1) === machine.leaseId,
    ).length,
  }));
  return { width, refusal, pocStartHeight: pow.blockHeight, machines };
}

const byLease = (totals: readonly LeaseTotals[]): ReadonlyMap<string, LeaseTotals> =>
  new Map(totals.map((one) => [one.leaseId, one]));
