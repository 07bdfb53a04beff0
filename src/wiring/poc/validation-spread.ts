import type { PostedBatch, PowMachine } from '../../machines/running-pow.ts';
import type { ValidationBatches } from '../../runtime/validation-batches.ts';
import type { PowReply } from '../../server/mlnode-api/desk.ts';
import { proofBatchRequest } from '../../server/mlnode-api/proof-batch-request.ts';
import { batchDigest } from '../../server/relay/batch-digest.ts';
import { fanOut } from './fan-out.ts';
import { logMissed, notRunning, powReply } from './pow-reply.ts';
import { type PowRoom, workers } from './pow-room.ts';

export interface ValidationSpreadOptions {
  readonly room: PowRoom;
  readonly batches: ValidationBatches;
  /** Nonces that each machine has found in this PoC, by lease: how fast it is. */
  found(): ReadonlyMap<string, number>;
}

/** The batches that the Network Node wants validated, spread over the machines that validate. */
export interface ValidationSpread {
  /** Acknowledged only by the machine that took it (invariant I8). Throws for a body that is no batch. */
  post(body: string): Promise<PowReply>;
  /**
   * Gives to those that work what lost machines left without a verdict, and what nobody acknowledged: the daemon
   * died over it, and the Network Node gives a batch up within a second.
   */
  takeOver(): Promise<void>;
}

export function createValidationSpread(options: ValidationSpreadOptions): ValidationSpread {
  const { room, batches } = options;
  /** Batches that are being posted. */
  const underWay = new Set<string>();
  let isTakingOver = false;

  /** Before it is posted: the verdict may come back faster than the machine's own answer. */
  async function postTo({ leaseId }: PowMachine, batch: Batch): Promise<PowReply | undefined> {
    const { digest, blockHash, body } = batch;
    room.send({ type: 'POW.BATCH_POSTED', digest, blockHash, leaseId });
    const taken = await fanOut(
      [{ leaseId }],
      () => room.atOnce(leaseId, (mlnode, signal) => mlnode.pow('validate', body, signal)),
      (outcome) => logMissed(room.log, 'validate', outcome),
    );
    if (taken === undefined) return undefined;
    room.send({ type: 'POW.BATCH_TAKEN', digest });
    return powReply(taken);
  }

  async function postToFirst(batch: Batch): Promise<PowReply> {
    underWay.add(batch.digest);
    try {
      for (const machine of inTurn(room, batch.digest, options.found())) {
        if (room.isClosing()) break;
        const reply = await postTo(machine, batch);
        if (reply !== undefined) return reply;
      }
      return powReply(undefined);
    } finally {
      underWay.delete(batch.digest);
    }
  }

  return {
    post: async (body) => {
      if (room.context().pow === null) return notRunning('validate');
      const {
        public_key: publicKey,
        nonces,
        block_hash: blockHash,
      } = proofBatchRequest.parse(JSON.parse(body));
      const batch = { digest: batchDigest({ publicKey, nonces }), blockHash, body };
      batches.put(batch);
      return postToFirst(batch);
    },
    takeOver: async () => {
      if (isTakingOver) return;
      isTakingOver = true;
      try {
        for (const { digest, blockHash } of [...orphans(room), ...unposted(room, batches)]) {
          const body = batches.body(digest);
          if (body === undefined || underWay.has(digest)) continue;
          const reply = await postToFirst({ digest, blockHash, body });
          if (reply.kind === 'silence') break;
          room.log.info({ digest }, 'pow.batch_taken_over');
        }
      } finally {
        isTakingOver = false;
      }
    },
  };
}

interface Batch {
  readonly digest: string;
  readonly blockHash: string;
  readonly body: string;
}

/** Batches of the running PoC that wait for nobody's verdict. */
function orphans(room: PowRoom): readonly PostedBatch[] {
  const { pow, postedBatches } = room.context();
  if (pow === null) return [];
  const isThere = (leaseId: string | undefined): boolean =>
    pow.machines.some(
      (one) => one.leaseId === leaseId && (one.standing === 'working' || one.standing === 'asked'),
    );
  return postedBatches.filter(
    ({ blockHash, leaseIds, isTaken, isJudged }) =>
      !isJudged && blockHash === pow.blockHash && !(isTaken && isThere(leaseIds.at(-1))),
  );
}

/** Batches that are kept and that no machine was asked for: the daemon died in between. */
function unposted(room: PowRoom, batches: ValidationBatches): readonly Pick<Batch, 'digest' | 'blockHash'>[] {
  const { pow, postedBatches } = room.context();
  if (pow === null) return [];
  const { blockHash } = pow;
  const posted = new Set(postedBatches.map(({ digest }) => digest));
  return batches
    .digestsOf(blockHash)
    .filter((digest) => !posted.has(digest))
    .map((digest) => ({ digest, blockHash }));
}

/**
 * The machines in the order in which they are to be tried: the one that has the batch already, then those that have
 * least to do for what they are worth.
 */
function inTurn(room: PowRoom, digest: string, found: ReadonlyMap<string, number>): readonly PowMachine[] {
  const { postedBatches } = room.context();
  const open = postedBatches.filter(({ isJudged }) => !isJudged);
  const own = open.find((batch) => batch.digest === digest)?.leaseIds.at(-1);
  const slowest = Math.min(...[...found.values()].filter((nonces) => nonces > 0), Infinity);
  const load = ({ leaseId }: PowMachine): number => {
    if (leaseId === own) return -1;
    const waiting = open.filter(({ leaseIds }) => leaseIds.at(-1) === leaseId).length;
    // Nothing is known of one that came late: it is taken for the slowest.
    const speed = found.get(leaseId) || (slowest === Infinity ? 1 : slowest);
    return (waiting + 1) / speed;
  };
  return workers(room.context())
    .filter(({ leaseId }) => room.isOpen(leaseId))
    .toSorted((a, b) => load(a) - load(b));
}
