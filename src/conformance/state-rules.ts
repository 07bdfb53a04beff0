import { z } from 'zod';
import { expectBody, expectServed, expectStatus, readBody } from './answer.ts';
import { pocV2States, statusOk } from './answer-shapes.ts';
import { medianMs } from './poll-time.ts';
import { stateAnswer } from './node-under-test.ts';
import { neededService } from './run-memory.ts';
import { Broken, type Chapter, NotApplicable, rule } from './rule.ts';

const source = 'State and stop';

/** Fields of newer images: each may be missing, none may be of another kind. */
const laterFields = z.object({
  version: z.string().optional(),
  poc_status: z.enum(pocV2States).nullish(),
  inference_healthy: z.boolean().nullish(),
  loaded_model: z.string().nullish(),
  poc_validation_inference: z.boolean().optional(),
});
const versions = z.object({
  version: z.string(),
  vllm_version: z.string(),
  poc_validation_inference: z.boolean(),
});

export const stateRules: Chapter = {
  title: 'State',
  isDisruptive: false,
  rules: [
    rule(
      'MLN-001',
      'GET /api/v1/state answers {"state": POW | INFERENCE | TRAIN | STOPPED}',
      source,
      async (node) => {
        expectBody(await node.manage('GET', '/api/v1/state'), 200, stateAnswer);
      },
    ),
    rule('MLN-002', 'GET /api/v1/state answers within {pollLimit}', 'Status poll', async (node) => {
      await medianMs(node, () => node.manage('GET', '/api/v1/state'));
    }),
    rule(
      'MLN-003',
      'what GET /api/v1/state adds (version, poc_status, inference_healthy, loaded_model, poc_validation_inference) is of its kind',
      source,
      async (node) => {
        await node.state();
        readBody(await node.manage('GET', '/api/v1/state'), laterFields);
      },
    ),
    rule(
      'MLN-004',
      'outside INFERENCE, GET /api/v1/state says nothing of inference (null, and poc_validation_inference false)',
      source,
      async (node) => {
        if ((await node.state()) === 'INFERENCE') throw new NotApplicable('the state is INFERENCE');
        const answer = await node.manage('GET', '/api/v1/state');
        const said = Object.entries(readBody(answer, z.record(z.string(), z.unknown())));
        const inference = said.filter(
          ([name, value]) =>
            ['poc_status', 'inference_healthy', 'loaded_model', 'poc_validation_inference'].includes(name) &&
            value !== null &&
            value !== false,
        );
        if (inference.length > 0) throw new Broken(`${inference.map(([name]) => name).join(', ')} is set`);
      },
    ),
    rule(
      'MLN-005',
      'GET /api/v1/versions answers {"version", "vllm_version", "poc_validation_inference"}',
      source,
      async (node) => {
        const answer = await node.manage('GET', '/api/v1/versions');
        expectServed(answer);
        expectBody(answer, 200, versions);
      },
    ),
  ],
};

export const stopRules: Chapter = {
  title: 'Stop',
  isDisruptive: true,
  rules: [
    rule('MLN-006', 'POST /api/v1/stop without a body answers {"status":"OK"}', source, async (node) => {
      const answer = await node.work('/api/v1/stop');
      if (answer.status === 200) node.memory.service = 'STOPPED';
      expectBody(answer, 200, statusOk);
    }),
    rule('MLN-007', 'after a stop the state is STOPPED', source, async (node) => {
      neededService(node.memory, 'STOPPED');
      await node.expectState('STOPPED');
    }),
    rule('MLN-008', 'a second stop is answered as the first one', source, async (node) => {
      neededService(node.memory, 'STOPPED');
      const answer = await node.work('/api/v1/stop');
      expectStatus(answer, 200);
      readBody(answer, statusOk);
    }),
  ],
};
