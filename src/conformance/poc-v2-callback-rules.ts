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
import { generatedArtifacts } from './callback-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import type { Artifacts, PocV2Init } from './poc-v2-bodies.ts';
import { neededPocV2 } from './poc-v2-generation-rules.ts';
import { needed } from './run-memory.ts';
import { type Chapter, rule } from './rule.ts';

const source = 'PoC v2 callbacks';
const generated: CallbackKind = { generation: 'v2', name: 'generated' };

/** Built on a node that generates. */
export const pocV2CallbackRules: Chapter = {
  title: 'PoC v2: generated callbacks',
  generation: 'v2',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-140',
      'artifacts are posted to {url}/generated as application/json, the twice encoded model id in the path untouched',
      source,
      async (node) => {
        const { url } = neededPocV2(node);
        expectPosted(await awaitCallback(node, generated), url, 'generated');
      },
    ),
    rule(
      'MLN-141',
      'the body is {"public_key", "block_hash", "block_height", "node_id", "artifacts": [{nonce, vector_b64}], "encoding"}',
      source,
      async (node) => {
        neededPocV2(node);
        readCallback(await awaitCallback(node, generated), generatedArtifacts);
      },
    ),
    rule(
      'MLN-142',
      'it carries block_hash, block_height, public_key and node_id of the init request',
      source,
      async (node) => {
        const init = neededPocV2(node);
        expectAsAsked<Artifacts | PocV2Init>(await readableArtifacts(node), init);
      },
    ),
    rule(
      'MLN-143',
      'its nonces are in the class of the node (nonce ≡ node_id modulo node_count), each once',
      'Nonce partition',
      async (node) => {
        const init = neededPocV2(node);
        const { artifacts } = await readableArtifacts(node);
        expectInClass(
          artifacts.map(({ nonce }) => nonce),
          init,
        );
      },
    ),
    rule('MLN-144', 'artifacts that are answered 503 come again', source, async (node) => {
      neededPocV2(node);
      await awaitRepetition(node, generated);
    }),
  ],
};

async function readableArtifacts(node: NodeUnderTest): Promise<Artifacts> {
  await awaitCallback(node, generated);
  node.memory.ownArtifacts = lastReadable(neededReceiver(node), generated, generatedArtifacts);
  return needed(node.memory.ownArtifacts, 'no callback with artifacts can be read');
}
