import { z } from 'zod';
import { expectBody, expectStatus, readable } from './answer.ts';
import { artifact, artifactEncoding, requestStates } from './answer-shapes.ts';
import {
  awaitCallback,
  type CallbackKind,
  expectPosted,
  lastReadable,
  neededReceiver,
  readCallback,
} from './awaited-callback.ts';
import { comparedArtifacts } from './callback-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { statTest } from './poc-v2-bodies.ts';
import { neededPocV2 } from './poc-v2-generation-rules.ts';
import { expectBackEnds, neededBody } from './poc-v2-status-rules.ts';
import { needed } from './run-memory.ts';
import { Broken, type Chapter, rule } from './rule.ts';

const source = 'PoC v2 endpoints';
const validated: CallbackKind = { generation: 'v2', name: 'validated' };
const root = '/api/v1/inference/pow';
const queued = z.object({
  status: z.literal('queued'),
  request_id: z.string().regex(/^\d+:[\w-]+$/, 'is not port:uuid'),
  queued_count: z.int().min(0),
});
const completed = z.object({
  status: z.literal('completed'),
  artifacts: z.array(artifact),
  encoding: artifactEncoding,
});
/** As many as the Network Node would take of a small participant. */
const sampleMax = 200;

/** Built on a node whose generation was stopped. */
export const pocV2ValidationRules: Chapter = {
  title: 'PoC v2: validation',
  generation: 'v2',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-160',
      'POST /api/v1/inference/pow/generate answers {"status":"queued", "request_id": "port:uuid", "queued_count"}',
      source,
      async (node) => {
        const init = neededBody(node);
        const own = node.memory.ownArtifacts;
        const artifacts = own?.artifacts.slice(0, sampleMax);
        const body =
          own === null || artifacts === undefined
            ? { ...init, nonces: [init.node_id, init.node_id + init.node_count] }
            : {
                ...init,
                block_hash: own.block_hash,
                block_height: own.block_height,
                public_key: own.public_key,
                nonces: artifacts.map(({ nonce }) => nonce),
                validation: { artifacts },
                stat_test: statTest,
              };
        const answer = await node.work(`${root}/generate`, body);
        await expectBackEnds(node, answer);
        if (answer.status === 200) {
          const taken = readable(answer, z.object({ request_id: z.string() }));
          node.memory.requestId = taken?.request_id ?? null;
          node.memory.isComparing = own !== null;
        }
        expectBody(answer, 200, queued);
      },
    ),
    rule(
      'MLN-161',
      'GET /api/v1/inference/pow/generate/{id} of it answers {"status": queued | running | completed | failed | cancelled}',
      source,
      async (node) => {
        const id = needed(node.memory.requestId, 'no generate of PoC v2 was queued');
        const shape = z.object({ status: z.enum(requestStates) });
        expectBody(await node.manage('GET', `${root}/generate/${id}`), 200, shape);
      },
    ),
    rule(
      'MLN-162',
      'its verdict is posted to {url}/validated: {"request_id", …, "n_total", "n_mismatch", "mismatch_nonces", "p_value", "fraud_detected"}',
      source,
      async (node) => {
        const { url } = neededComparison(node);
        const callback = await awaitCallback(node, validated);
        expectPosted(callback, url, 'validated');
        readCallback(callback, comparedArtifacts);
      },
    ),
    rule(
      'MLN-163',
      'the verdict on its own artifacts: every nonce looked at, no mismatch, no fraud',
      source,
      async (node) => {
        neededComparison(node);
        await awaitCallback(node, validated);
        const verdict = needed(
          lastReadable(neededReceiver(node), validated, comparedArtifacts),
          'no verdict can be read',
        );
        const asked = Math.min(sampleMax, node.memory.ownArtifacts?.artifacts.length ?? 0);
        if (verdict.n_total !== asked)
          throw new Broken(`n_total is ${verdict.n_total}, ${asked} were asked for`);
        if (verdict.n_mismatch > 0 || verdict.fraud_detected)
          throw new Broken(`n_mismatch is ${verdict.n_mismatch}, fraud_detected ${verdict.fraud_detected}`);
      },
    ),
    rule(
      'MLN-164',
      'with "wait": true it answers {"status":"completed", "artifacts", "encoding"} for the nonces asked for',
      source,
      async (node) => {
        const init = neededBody(node);
        const nonces = [init.node_id, init.node_id + init.node_count];
        const answer = await node.work(`${root}/generate`, { ...init, nonces, wait: true });
        await expectBackEnds(node, answer);
        expectStatus(answer, 200);
        const got = expectBody(answer, 200, completed).artifacts.map(({ nonce }) => nonce);
        if (got.toSorted((a, b) => a - b).join() !== nonces.join())
          throw new Broken(`it computed ${got.join(', ')}, asked for ${nonces.join(', ')}`);
      },
    ),
  ],
};

function neededComparison(node: NodeUnderTest) {
  const init = neededPocV2(node);
  neededReceiver(node);
  needed(node.memory.isComparing || null, 'no artifacts of its own were given to compare');
  return init;
}
