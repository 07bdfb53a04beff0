import { z } from 'zod';
import { type Answer, expectBody, expectStatus, readable, readBody } from './answer.ts';
import { errorText, fieldErrors, pocV2Refused, pocV2Status } from './answer-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { newPocV2Init, type PocV2Init } from './poc-v2-bodies.ts';
import { medianMs } from './poll-time.ts';
import { needed, neededService } from './run-memory.ts';
import { Broken, type Chapter, NotApplicable, rule } from './rule.ts';

const source = 'PoC v2 endpoints';
const root = '/api/v1/inference/pow';

export const pocV2StatusRules: Chapter = {
  title: 'PoC v2: status',
  generation: 'v2',
  isDisruptive: false,
  rules: [
    rule(
      'MLN-120',
      'GET /api/v1/inference/pow/status answers {"status", "backends"} in every state',
      source,
      async (node) => {
        expectBody(await node.manage('GET', `${root}/status`), 200, pocV2Status);
      },
    ),
    rule(
      'MLN-121',
      'GET /api/v1/inference/pow/status answers within {pollLimit}',
      'Status poll',
      async (node) => {
        await medianMs(node, () => node.manage('GET', `${root}/status`));
      },
    ),
    rule(
      'MLN-122',
      'GET /api/v1/inference/pow/generate/{id} answers 400 for a malformed id',
      source,
      async (node) => {
        expectBody(await node.manage('GET', `${root}/generate/no-such-id`), 400, errorText);
      },
    ),
    rule(
      'MLN-123',
      'GET /api/v1/inference/pow/generate/{id} answers 404 for an unknown id (502 for an unknown back end)',
      source,
      async (node) => {
        const unknown = '5001:00000000-0000-4000-8000-000000000000';
        expectStatus(await node.manage('GET', `${root}/generate/${unknown}`), 404, 502);
      },
    ),
  ],
};

/** Built on a node in INFERENCE. */
export const pocV2RefusalRules: Chapter = {
  title: 'PoC v2: what is refused',
  generation: 'v2',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-124',
      'POST /api/v1/inference/pow/init/generate without block_hash answers 422 that names it',
      source,
      async (node) => {
        const { block_hash: _, ...body } = neededBody(node);
        await expectNamed(await node.work(`${root}/init/generate`, body), 'block_hash');
      },
    ),
    rule(
      'MLN-125',
      'an unknown field in params answers 422 that names it, and starts nothing',
      source,
      async (node) => {
        const init = neededBody(node);
        const body = { ...init, params: { ...init.params, no_such_field: 1 } };
        await expectNamed(await node.work(`${root}/init/generate`, body), 'no_such_field');
        await expectNotGenerating(node);
      },
    ),
    rule(
      'MLN-126',
      'another model than the one that is served answers 502 (or 409) {"detail": …}, and starts nothing',
      source,
      async (node) => {
        const init = neededBody(node);
        const body = { ...init, params: { ...init.params, model: 'conformance/no-such-model' } };
        const answer = await node.work(`${root}/init/generate`, body);
        await expectBackEnds(node, answer);
        expectStatus(answer, 502, 409);
        if (answer.status === 502) readBody(answer, pocV2Refused);
        await expectNotGenerating(node);
      },
    ),
    rule(
      'MLN-127',
      'POST /api/v1/inference/pow/generate answers 400 when nonces and artifacts differ',
      source,
      async (node) => {
        const artifacts = [{ nonce: 3, vector_b64: 'A'.repeat(32) }];
        const body = { ...neededBody(node), nonces: [2, 7], validation: { artifacts } };
        const answer = await node.work(`${root}/generate`, body);
        await expectBackEnds(node, answer);
        expectBody(answer, 400, errorText);
      },
    ),
  ],
};

/** What the node computes. Throws Broken when it is not `due`. */
export async function expectPocV2(node: NodeUnderTest, due: 'GENERATING' | 'IDLE') {
  const seen = expectBody(await node.manage('GET', `${root}/status`), 200, pocV2Status);
  if (seen.status !== due) throw new Broken(`${root}/status says ${seen.status}, where ${due} is due`);
  return seen;
}

/**
 * A node whose inference is served elsewhere has no vLLM to compute with, and says so with 503
 * (docs/reference/protocol.md "PoC v2"). That is no fault as long as its status lists none.
 */
export async function expectBackEnds(node: NodeUnderTest, answer: Answer): Promise<void> {
  if (answer.status !== 503) return;
  const status = await node.manage('GET', `${root}/status`);
  if (readable(status, z.object({ backends: z.tuple([]) })) !== null)
    throw new NotApplicable('the node has no back end that computes PoC: it lists none and answers 503');
}

/** An init for the model that is up. */
export function neededBody(node: NodeUnderTest): PocV2Init {
  neededService(node.memory, 'INFERENCE');
  return newPocV2Init(node, needed(node.memory.model, 'no model is up: name one (--model)'));
}

async function expectNamed(answer: Answer, field: string): Promise<void> {
  const { detail } = expectBody(answer, 422, fieldErrors);
  if (!detail.some(({ loc }) => loc.includes(field))) throw new Broken(`no entry of "detail" names ${field}`);
}

async function expectNotGenerating(node: NodeUnderTest): Promise<void> {
  const status = await node.manage('GET', `${root}/status`);
  if (readable(status, z.object({ status: z.literal('GENERATING') })) !== null)
    throw new Broken('the node generates');
}
