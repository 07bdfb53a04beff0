import {
  awaitCallback,
  generatedBatch,
  type GeneratedBatch,
  isKind,
  lastReadable,
  neededReceiver,
  readCallback,
} from './callback-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { neededInit } from './pow-generation-rules.ts';
import { needed } from './run-memory.ts';
import { Broken, type Chapter, rule } from './rule.ts';

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
        const { method, path, contentType } = await awaitCallback(node, 'generated');
        const due = `${new URL(url).pathname}/generated`;
        if (method !== 'POST' || path !== due)
          throw new Broken(`${method} ${path}, where POST ${due} is due`);
        if (!contentType.startsWith('application/json'))
          throw new Broken(`its Content-Type is ${contentType || 'missing'}`);
      },
    ),
    rule(
      'MLN-091',
      'it is {"public_key", "block_hash", "block_height", "nonces", "dist", "node_id"}, a distance for each nonce',
      'Payloads',
      async (node) => {
        neededInit(node);
        const batch = readCallback(await awaitCallback(node, 'generated'), generatedBatch);
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
        const batch = await readableBatch(node);
        const fields = ['block_hash', 'block_height', 'public_key', 'node_id'] as const;
        const wrong = fields.filter((field) => batch[field] !== init[field]);
        if (wrong.length > 0) throw new Broken(`it differs in ${wrong.join(', ')}`);
      },
    ),
    rule(
      'MLN-093',
      'its nonces are in the class of the node (nonce ≡ node_id modulo node_count), each once',
      'Nonce partition',
      async (node) => {
        const { node_id: id, node_count: count } = neededInit(node);
        const { nonces } = await readableBatch(node);
        const foreign = nonces.find((nonce) => nonce % count !== id % count);
        if (foreign !== undefined)
          throw new Broken(`nonce ${foreign} is not in the class ${id} modulo ${count}`);
        if (new Set(nonces).size !== nonces.length) throw new Broken('a nonce is there twice');
      },
    ),
    rule('MLN-094', 'each of its distances is below r_target', 'PoC v1 semantics', async (node) => {
      const { r_target: target } = neededInit(node);
      const { dist } = await readableBatch(node);
      const far = dist.find((distance) => distance >= target);
      if (far !== undefined) throw new Broken(`a distance is ${far}, r_target ${target}`);
    }),
    rule('MLN-095', 'a batch that is answered 503 comes again', 'Sender', async (node) => {
      neededInit(node);
      const receiver = neededReceiver(node);
      receiver.refuseNext((path) => isKind({ path }, 'generated'));
      const refused = await awaitCallback(node, 'generated', ({ status }) => status === 503);
      await awaitCallback(node, 'generated', ({ status, body }) => status === 200 && body === refused.body);
    }),
  ],
};

/** A batch of the node's own, kept for its validation. */
async function readableBatch(node: NodeUnderTest): Promise<GeneratedBatch> {
  await awaitCallback(node, 'generated');
  node.memory.ownBatch = lastReadable(neededReceiver(node), 'generated', generatedBatch);
  return needed(node.memory.ownBatch, 'no generated batch can be read');
}
