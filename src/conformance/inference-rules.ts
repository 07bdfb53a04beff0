import { z } from 'zod';
import { expectBody, expectServed, expectStatus, readBody, said } from './answer.ts';
import { errorText, fieldErrors, statusOk } from './answer-shapes.ts';
import { firstModel, inferenceHealth } from './health-rules.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { needed, neededService } from './run-memory.ts';
import { Broken, type Chapter, rule } from './rule.ts';

const source = 'Inference control';
const upStates = ['not_started', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
const upStatus = z.object({
  status: z.enum(upStates),
  is_starting: z.boolean(),
  is_running: z.boolean(),
  elapsed_seconds: z.number().nullable(),
  error: z.string().nullable(),
});

export const inferenceStatusRules: Chapter = {
  title: 'Inference control: status',
  isDisruptive: false,
  rules: [
    rule(
      'MLN-050',
      'GET /api/v1/inference/up/status answers {"status", "is_starting", "is_running", "elapsed_seconds", "error"}, 409 while POW or TRAIN',
      source,
      async (node) => {
        const state = await node.state();
        const answer = await node.manage('GET', '/api/v1/inference/up/status');
        expectServed(answer);
        const isFree = state === 'INFERENCE' || state === 'STOPPED';
        expectStatus(answer, isFree ? 200 : 409);
        readBody<unknown>(answer, isFree ? upStatus : errorText);
      },
    ),
  ],
};

/** From STOPPED to INFERENCE. */
export const inferenceStartRules: Chapter = {
  title: 'Inference control: start',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-051',
      'POST /api/v1/inference/up without a model answers 422 that names body.model, and starts nothing',
      source,
      async (node) => {
        neededService(node.memory, 'STOPPED');
        const { detail } = expectBody(await node.work('/api/v1/inference/up', {}), 422, fieldErrors);
        if (!detail.some(({ loc }) => loc.join('.') === 'body.model'))
          throw new Broken('no entry of "detail" names body.model');
        await node.expectState('STOPPED');
      },
    ),
    rule(
      'MLN-052',
      'POST /api/v1/inference/up answers {"status":"OK"} once the model is up, and the state is INFERENCE',
      source,
      async (node) => {
        const answer = await node.work('/api/v1/inference/up', upBody(node));
        if (answer.status === 200) node.memory.service = 'INFERENCE';
        expectBody(answer, 200, statusOk);
        await node.expectState('INFERENCE');
      },
    ),
    rule(
      'MLN-053',
      'after that {inference}/health is 200, and /v1/models names the model first',
      'Status poll',
      async (node) => {
        neededService(node.memory, 'INFERENCE');
        await node.waitFor('{inference}/health 200', async () =>
          (await inferenceHealth(node))?.status === 200 ? true : undefined,
        );
        const first = await firstModel(node);
        if (first !== node.memory.model)
          throw new Broken(`/v1/models names ${first ?? 'nothing'}, ${node.memory.model} is up`);
      },
    ),
    rule(
      'MLN-054',
      'GET /api/v1/inference/up/status then says completed and is_running',
      source,
      async (node) => {
        neededService(node.memory, 'INFERENCE');
        const answer = await node.manage('GET', '/api/v1/inference/up/status');
        expectServed(answer);
        const { status, is_running: isRunning } = expectBody(answer, 200, upStatus.loose());
        if (status !== 'completed' || !isRunning) throw new Broken(said(answer));
      },
    ),
    rule(
      'MLN-055',
      'a second POST /api/v1/inference/up answers 409, or 200 {"status":"OK"}, and the state stays INFERENCE',
      source,
      async (node) => {
        neededService(node.memory, 'INFERENCE');
        const answer = await node.work('/api/v1/inference/up', upBody(node));
        expectStatus(answer, 200, 409);
        readBody<unknown>(answer, answer.status === 200 ? statusOk : errorText);
        await node.expectState('INFERENCE');
      },
    ),
  ],
};

/** From INFERENCE to STOPPED. */
export const inferenceEndRules: Chapter = {
  title: 'Inference control: end',
  isDisruptive: true,
  rules: [
    rule('MLN-056', 'POST /api/v1/inference/down answers {"status":"OK"}', source, async (node) => {
      neededService(node.memory, 'INFERENCE');
      const answer = await node.work('/api/v1/inference/down');
      if (answer.status === 200) node.memory.service = 'STOPPED';
      expectBody(answer, 200, statusOk);
    }),
    rule('MLN-057', 'after that the state is STOPPED', source, async (node) => {
      neededService(node.memory, 'STOPPED');
      await node.expectState('STOPPED');
    }),
    rule(
      'MLN-058',
      'a second POST /api/v1/inference/down is answered as the first one',
      source,
      async (node) => {
        neededService(node.memory, 'STOPPED');
        expectBody(await node.work('/api/v1/inference/down'), 200, statusOk);
      },
    ),
  ],
};

/** The body that the Network Node sends. Throws NotApplicable without a model. */
export const upBody = (node: NodeUnderTest) => ({
  model: needed(node.memory.model, 'no model is up: name one (--model)'),
  dtype: 'auto',
  additional_args: [],
});
