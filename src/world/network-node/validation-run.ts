import type { MlNodeClient } from './ml-node-client.ts';
import type { NodeRecord } from './node-record.ts';
import type { Random } from '../random.ts';
import type { OtherParticipant } from './other-participants.ts';
import type { PocBook } from './poc-book.ts';
import { type ProofBatch, sampleForValidation } from './proof-batch.ts';

/** Nodes that are tried for one participant's batch. */
const attempts = 5;

/**
 * Posts every participant's batch to one of the nodes, one after the other; a broken exchange moves on to the next
 * node, the HTTP status is not looked at. Without a validating node nothing happens at all.
 */
export async function runValidation(options: {
  readonly nodes: readonly NodeRecord[];
  readonly batches: readonly ProofBatch[];
  client(node: NodeRecord): MlNodeClient;
  readonly signal: AbortSignal;
  onRequested(batch: ProofBatch): void;
}): Promise<void> {
  for (const [turn, batch] of options.batches.entries()) {
    if (await isPosted(options, turn, batch)) options.onRequested(batch);
  }
}

/** One batch, sampled, for each host that has anything on chain; the own one first. */
export function validationBatches(
  book: PocBook,
  ownPublicKey: string,
  others: readonly OtherParticipant[],
  random: Random,
): ProofBatch[] {
  const hosts = [{ publicKey: ownPublicKey, batch: () => ownBatch(book) }, ...others];
  const { blockHash, stageHeight } = book.span;
  return hosts
    .map((host) => ({
      public_key: host.publicKey,
      block_hash: blockHash,
      block_height: stageHeight,
      ...host.batch(blockHash, stageHeight),
      node_id: 0,
    }))
    .filter((batch) => batch.nonces.length > 0)
    .map((batch) => sampleForValidation(batch, random));
}

/** Everything that the participant has on chain, as others would validate it. */
function ownBatch(book: PocBook): Pick<ProofBatch, 'nonces' | 'dist'> {
  const own = book.nonces.all();
  return { nonces: own.map(([nonce]) => nonce), dist: own.map(([, dist]) => Number(dist)) };
}

async function isPosted(
  options: Parameters<typeof runValidation>[0],
  turn: number,
  batch: ProofBatch,
): Promise<boolean> {
  for (let attempt = 0; attempt < attempts && !options.signal.aborted; attempt += 1) {
    const node = options.nodes[(turn + attempt) % options.nodes.length];
    if (node === undefined) return false;
    try {
      await options.client(node).post('/api/v1/pow/validate', batch, options.signal);
      return true;
    } catch {
      continue;
    }
  }
  return false;
}
