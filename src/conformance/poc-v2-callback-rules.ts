import {
  awaitCallback,
  generatedArtifacts,
  isKind,
  lastReadable,
  neededReceiver,
  readCallback,
} from './callback-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import type { Artifacts } from './poc-v2-bodies.ts';
import { neededPocV2 } from './poc-v2-generation-rules.ts';
import { needed } from './run-memory.ts';
import { Broken, type Chapter, rule } from './rule.ts';

const source = 'PoC v2';

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
        const { method, path, contentType } = await artifactsCallback(node);
        const due = `${pathOf(url)}/generated`;
        if (method !== 'POST' || path !== due)
          throw new Broken(`${method} ${path}, where POST ${due} is due`);
        if (!contentType.startsWith('application/json'))
          throw new Broken(`its Content-Type is ${contentType || 'missing'}`);
      },
    ),
    rule(
      'MLN-141',
      'the body is {"public_key", "block_hash", "block_height", "node_id", "artifacts": [{nonce, vector_b64}], "encoding"}',
      source,
      async (node) => {
        neededPocV2(node);
        readCallback(await artifactsCallback(node), generatedArtifacts);
      },
    ),
    rule(
      'MLN-142',
      'it carries block_hash, block_height, public_key and node_id of the init request',
      source,
      async (node) => {
        const init = neededPocV2(node);
        const sent = await readableArtifacts(node);
        const fields = ['block_hash', 'block_height', 'public_key', 'node_id'] as const;
        const wrong = fields.filter((field) => sent[field] !== init[field]);
        if (wrong.length > 0) throw new Broken(`it differs in ${wrong.join(', ')}`);
      },
    ),
    rule(
      'MLN-143',
      'its nonces are in the class of the node (nonce ≡ node_id modulo node_count), each once',
      'Nonce partition',
      async (node) => {
        const { node_id: id, node_count: count } = neededPocV2(node);
        const nonces = (await readableArtifacts(node)).artifacts.map(({ nonce }) => nonce);
        const foreign = nonces.find((nonce) => nonce % count !== id % count);
        if (foreign !== undefined)
          throw new Broken(`nonce ${foreign} is not in the class ${id} modulo ${count}`);
        if (new Set(nonces).size !== nonces.length) throw new Broken('a nonce is there twice');
      },
    ),
    rule('MLN-144', 'artifacts that are answered 503 come again', source, async (node) => {
      neededPocV2(node);
      neededReceiver(node).refuseNext((path) => isKind({ path }, 'generated') && isV2(path));
      const refused = await artifactsCallback(node, (status) => status === 503);
      await artifactsCallback(node, (status, body) => status === 200 && body === refused.body);
    }),
  ],
};

/** Path of a URL exactly as written. */
export const pathOf = (url: string): string => url.slice(new URL(url).origin.length);

const isV2 = (path: string): boolean => path.startsWith('/v2/');

/** Both generations may have run against one receiver, so the first segment tells them apart. */
export const artifactsCallback = (
  node: NodeUnderTest,
  isMeant: (status: number, body: string) => boolean = () => true,
) => awaitCallback(node, 'generated', ({ path, status, body }) => isV2(path) && isMeant(status, body));

async function readableArtifacts(node: NodeUnderTest): Promise<Artifacts> {
  await artifactsCallback(node);
  node.memory.ownArtifacts = lastReadable(neededReceiver(node), 'generated', generatedArtifacts);
  return needed(node.memory.ownArtifacts, 'no callback with artifacts can be read');
}
