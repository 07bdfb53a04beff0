import type { Alert } from './writes.ts';

/** A machine's share of the nonces: `node_id` and `node_count` of its own init body; both -1 = it only validates. */
export interface PowShare {
  readonly leaseId: string;
  readonly nodeId: number;
  readonly nodeCount: number;
}

/**
 * `asked`: its answer to the last call is awaited; `refused`: it did not take it, and its share stays undone; `lost`:
 * it is not ours any more.
 */
export interface PowMachine extends PowShare {
  readonly standing: 'asked' | 'working' | 'refused' | 'lost';
}

/** Who has which share of the PoC with this init body. Kept over a stop, so that no share is ever given twice. */
export interface PowSharing {
  readonly initBody: string;
  readonly shares: readonly PowShare[];
}

/** A PoC that the Network Node has started on us and at least one machine has taken. */
export interface RunningPow {
  /** In the order of their shares. */
  readonly machines: readonly PowMachine[];
  /** The init body exactly as the Network Node sent it: validate must equal generate in every field. */
  readonly initBody: string;
  readonly blockHash: string;
  readonly blockHeight: number;
  readonly publicKey: string;
  readonly nodeId: number;
  readonly nodeCount: number;
  /** Scheme, host and port to which callbacks go. */
  readonly callbackOrigin: string;
  /** Path (and query) of `url`, byte for byte. */
  readonly callbackPath: string;
}

/** A batch that the Network Node wants validated. */
export interface PostedBatch {
  /** Of its public key and nonces. */
  readonly digest: string;
  /** The PoC that it belongs to. */
  readonly blockHash: string;
  /** Machines that it was posted to, the last one at the end. */
  readonly leaseIds: readonly string[];
  /** The last of them has acknowledged it. */
  readonly isTaken: boolean;
  /** A machine's verdict is on its way to the Network Node. */
  readonly isJudged: boolean;
}

/** A network of so many participants would be ten times today's; beyond it the oldest batch is forgotten. */
const batchesMax = 4_096;

export const hasMachine = (pow: RunningPow | null, leaseId: string): boolean =>
  pow?.machines.some((machine) => machine.leaseId === leaseId && machine.standing !== 'lost') === true;

export const othersWork = (pow: RunningPow | null, leaseId: string): boolean =>
  pow?.machines.some((machine) => machine.leaseId !== leaseId && machine.standing === 'working') === true;

export const withMachines = (
  pow: RunningPow | null,
  change: (machines: readonly PowMachine[]) => readonly PowMachine[],
): RunningPow | null => (pow === null ? null : { ...pow, machines: change(pow.machines) });

/** The batches with one more, or with one more machine that has it. */
export function withBatch(
  batches: readonly PostedBatch[],
  { digest, blockHash, leaseId }: { digest: string; blockHash: string; leaseId: string },
): readonly PostedBatch[] {
  const before = batches.find((batch) => batch.digest === digest);
  if (before === undefined) {
    return [...batches, { digest, blockHash, leaseIds: [leaseId], isTaken: false, isJudged: false }].slice(
      -batchesMax,
    );
  }
  const leaseIds = [...before.leaseIds.filter((one) => one !== leaseId), leaseId];
  // Posted again, it is to be judged again.
  return batches.map((batch) =>
    batch === before ? { ...before, leaseIds, isTaken: false, isJudged: false } : batch,
  );
}

export const marked = (
  batches: readonly PostedBatch[],
  digest: string,
  marks: Partial<Pick<PostedBatch, 'isTaken' | 'isJudged'>>,
): readonly PostedBatch[] =>
  batches.map((batch) => (batch.digest === digest ? { ...batch, ...marks } : batch));

/** What the operator hears of one machine of several that does not work. */
export function fleetAlert(pow: RunningPow | null, leaseId: string, why: string): Alert {
  const machine = pow?.machines.find((one) => one.leaseId === leaseId);
  const left =
    pow?.machines.filter((one) => one.standing === 'working' && one.leaseId !== leaseId).length ?? 0;
  const share = (machine?.nodeCount ?? -1) > 0 ? '; its share of the nonces stays undone' : '';
  return {
    key: 'fleet',
    code: 'POW_SHARE_UNDONE',
    message: `lease ${leaseId} does not work in this PoC, ${left} others do: ${why}${share}`,
  };
}
