import { z } from 'zod';
import { type Answer, expectBody, expectServed, expectStatus, readable, readBody, said } from './answer.ts';
import { modelList } from './answer-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { medianMs } from './poll-time.ts';
import { Broken, type Chapter, NotApplicable, rule } from './rule.ts';

const source = 'Health';
const manager = z.object({ running: z.boolean(), healthy: z.boolean() });
const healthForm = z.object({
  status: z.enum(['healthy', 'unhealthy']),
  service_state: z.string(),
  gpu: z.object({ available: z.boolean(), count: z.int(), devices: z.array(z.unknown()) }),
  managers: z.record(z.string(), manager),
});
const readiness = z.object({ ready: z.literal(true) });

export const healthRules: Chapter = {
  title: 'Health of the node',
  isDisruptive: false,
  rules: [
    rule(
      'MLN-020',
      'GET /livez answers {"status", "service_state", "gpu", "managers"}, 503 exactly when unhealthy',
      source,
      async (node) => {
        const answer = await served(node, '/livez');
        const { status } = readBody(answer, healthForm);
        expectStatus(answer, status === 'healthy' ? 200 : 503);
      },
    ),
    rule('MLN-021', 'GET /livez and GET /api/v1/state name the same service', source, async (node) => {
      const state = await node.state();
      const form = readable(await served(node, '/livez'), z.object({ service_state: z.string() }));
      if (form === null) throw new NotApplicable('GET /livez cannot be read');
      // Python's enum may show its own name in front.
      if (!form.service_state.endsWith(state))
        throw new Broken(`/livez says ${form.service_state}, /api/v1/state ${state}`);
    }),
    rule('MLN-022', 'GET /readyz answers 200 {"ready":true}, or 503', source, async (node) => {
      const answer = await served(node, '/readyz');
      expectStatus(answer, 200, 503);
      if (answer.status === 200) readBody(answer, readiness);
    }),
  ],
};

/** What the Network Node polls on the inference port while the node serves. */
export const inferencePortRules: Chapter = {
  title: 'Inference port',
  isDisruptive: false,
  rules: [
    rule(
      'MLN-030',
      'GET {inference}/health is 200 in INFERENCE only',
      'What a gateway has to show',
      async (node) => {
        const state = await node.state();
        const isServing = (await inferenceHealth(node))?.status === 200;
        if (isServing && state !== 'INFERENCE') throw new Broken(`it is 200 while the state is ${state}`);
      },
    ),
    rule('MLN-031', 'GET {inference}/health is 200 with an empty body, or 503', source, async (node) => {
      const answer = await inferenceHealth(node);
      if (answer === null) throw new NotApplicable('nothing listens there at the moment');
      expectStatus(answer, 200, 503);
      if (answer.status === 200 && answer.body !== '') throw new Broken(`${said(answer)}: a body is not due`);
    }),
    rule(
      'MLN-032',
      'while {inference}/health is 200, GET {inference}/v1/models lists a model',
      'Status poll',
      async (node) => {
        if ((await inferenceHealth(node))?.status !== 200)
          throw new NotApplicable('{inference}/health is not 200 at the moment');
        const answer = await node.infer('GET', '/v1/models');
        if (answer === null) throw new Broken('GET /v1/models: nothing listens');
        if (expectBody(answer, 200, modelList).data.length === 0) throw new Broken('the list is empty');
      },
    ),
    rule(
      'MLN-033',
      'loaded_model of GET /api/v1/state is the first model of the list',
      'State and stop',
      async (node) => {
        const answer = await node.manage('GET', '/api/v1/state');
        const loaded = readable(answer, z.object({ loaded_model: z.string() }))?.loaded_model;
        const first = await firstModel(node);
        if (loaded === undefined || first === null)
          throw new NotApplicable('no model is named on both sides');
        if (loaded !== first) throw new Broken(`the state names ${loaded}, the list ${first}`);
      },
    ),
    rule(
      'MLN-034',
      'GET {inference}/health and /v1/models answer within {pollLimit}',
      'Status poll',
      async (node) => {
        await medianMs(node, () => node.infer('GET', '/health'));
        await medianMs(node, () => node.infer('GET', '/v1/models'));
      },
    ),
  ],
};

/** First id of `/v1/models`; null when there is none. */
export async function firstModel(node: NodeUnderTest): Promise<string | null> {
  const answer = await node.infer('GET', '/v1/models');
  if (answer?.status !== 200) return null;
  return readable(answer, modelList)?.data[0]?.id ?? null;
}

/** vLLM's own health. Throws NotApplicable where that path shows the management form: then the port is another one. */
export async function inferenceHealth(node: NodeUnderTest): Promise<Answer | null> {
  const answer = await node.infer('GET', '/health');
  if (node.options.inferenceUrl === undefined && answer?.body.includes('"service_state"') === true)
    throw new NotApplicable(
      "this port shows the node's own health: name the inference port (--inference-url)",
    );
  return answer;
}

async function served(node: NodeUnderTest, path: string): Promise<Answer> {
  const answer = await node.manage('GET', path);
  expectServed(answer);
  return answer;
}
