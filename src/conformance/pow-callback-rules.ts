import {
  awaitCallback,
  awaitRepetition,
  type CallbackKind,
  expectAsAsked,
  expectInClass,
  expectPosted,
  lastReadable,
  neededReceiver,
  readCallback,
} from './awaited-callback.ts';
import { generatedBatch, type GeneratedBatch } from './callback-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { neededInit } from './pow-generation-rules.ts';
import type { PowInit } from './pow-v1-bodies.ts';
import { needed } from './run-memory.ts';
import { Broken, type Chapter, rule } from './rule.ts';

const generated: CallbackKind = { generation: 'v1', name: 'generated' };

/** Built on a node that generates. */
export const powCallbackRules: Chapter = {
  title: 'PoC v1: generated callbacks',
  generation: 'v1',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-090',
      'a generated batch is posted to {url}/generated as application/json',
      'Sender',
      async (node) => {
        const { url } = neededInit(node);
        expectPosted(await awaitCallback(node, generated), url, 'generated');
      },
    ),
    rule(
      'MLN-091',
      'it is {"public_key", "block_hash", "block_height", "nonces", "dist", "node_id"}, a distance for each nonce',
      'Payloads',
      async (node) => {
        neededInit(node);
        const batch = readCallback(await awaitCallback(node, generated), generatedBatch);
        if (batch.nonces.length !== batch.dist.length)
          throw new Broken(`${batch.nonces.length} nonces have ${batch.dist.length} distances`);
      },
    ),
    rule(
      'MLN-092',
      'it carries block_hash, block_height, public_key and node_id of the init request',
      'Payloads',
      async (node) => {
        const init = neededInit(node);
        expectAsAsked<GeneratedBatch | PowInit>(await readableBatch(node), init);
      },
    ),
    rule(
      'MLN-093',
      'its nonces are in the class of the node (nonce ≡ node_id modulo node_count), each once',
      'Nonce partition',
      async (node) => {
        const init = neededInit(node);
        const { nonces } = await readableBatch(node);
        await judged(node, () => expectInClass(nonces, init));
      },
    ),
    rule('MLN-094', 'each of its distances is below r_target', 'PoC v1 semantics', async (node) => {
      const { r_target: target } = neededInit(node);
      const { dist } = await readableBatch(node);
      await judged(node, () => {
        const far = dist.find((distance) => distance >= target);
        if (far !== undefined) throw new Broken(`a distance is ${far}, r_target ${target}`);
      });
    }),
    rule('MLN-095', 'a batch that is answered 503 comes again', 'Sender', async (node) => {
      neededInit(node);
      await awaitRepetition(node, generated);
    }),
  ],
};

/** A batch of the node's own, kept for its validation. */
async function readableBatch(node: NodeUnderTest): Promise<GeneratedBatch> {
  await awaitCallback(node, generated);
  node.memory.ownBatch = lastReadable(neededReceiver(node), generated, generatedBatch);
  return needed(node.memory.ownBatch, 'no generated batch can be read');
}

/** A batch that is wrong may rightly be called a fraud later. */
async function judged(node: NodeUnderTest, judge: () => void): Promise<void> {
  try {
    judge();
  } catch (error) {
    node.memory.isOwnBatchSound = false;
    throw error;
  }
}
