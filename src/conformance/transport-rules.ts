import { z } from 'zod';
import { type Answer, expectBody, expectServed, expectStatus } from './answer.ts';
import { errorText, fieldErrors } from './answer-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { Broken, type Chapter, NotApplicable, rule } from './rule.ts';

const json = 'application/json';
const modelsStatus = '/api/v1/models/status';
const someModel = { hf_repo: 'conformance/no-such-model', hf_commit: null };

/** What holds for every path: FastAPI's errors, bodies without a Content-Type, version prefixes. */
export const transportRules: Chapter = {
  title: 'Errors, Content-Type, version prefix',
  isDisruptive: false,
  rules: [
    rule('MLN-010', 'an unknown path answers 404 {"detail": "…"}', 'ML node process', async (node) => {
      expectBody(await node.manage('GET', '/api/v1/no-such-path'), 404, errorText);
    }),
    rule(
      'MLN-011',
      'a known path asked with another method answers 405 {"detail": "…"}',
      'ML node process',
      async (node) => {
        expectBody(await node.manage('POST', '/api/v1/state'), 405, errorText);
      },
    ),
    rule(
      'MLN-012',
      'a field of the wrong kind answers 422 {"detail": [{loc, msg, type}]} and names the field',
      'ML node process',
      async (node) => {
        const answer = await modelsStatusOf(node, { ...someModel, hf_repo: 5 }, json);
        const { detail } = expectBody(answer, 422, fieldErrors);
        if (!detail.some(({ loc }) => loc.includes('hf_repo')))
          throw new Broken('no entry of "detail" names hf_repo');
      },
    ),
    rule(
      'MLN-013',
      'a body that is no JSON answers 422 {"detail": [{loc, msg, type}]}',
      'ML node process',
      async (node) => {
        expectBody(await modelsStatusOf(node, '{"hf_repo":', json), 422, fieldErrors);
      },
    ),
    rule(
      'MLN-014',
      'a JSON body is read without a Content-Type',
      'Content-Type and JSON tolerance',
      async (node) => {
        expectStatus(await modelsStatusOf(node, someModel), 200);
      },
    ),
    rule('MLN-015', 'the management API answers under a version segment as without', 'URLs', async (node) => {
      const state = await node.state();
      const answer = await node.manage('GET', `/${node.options.versionPrefix}/api/v1/state`);
      const under = expectBody(answer, 200, z.object({ state: z.string() })).state;
      if (under !== state) throw new Broken(`${answer.what} says ${under}, without the segment ${state}`);
    }),
    rule('MLN-016', 'the inference API answers under a version segment as without', 'URLs', async (node) => {
      const { versionPrefix } = node.options;
      for (const path of ['/health', '/v1/models']) {
        const plain = await node.infer('GET', path);
        const under = await node.infer('GET', `/${versionPrefix}${path}`);
        if (plain === null) throw new NotApplicable('nothing listens there at the moment');
        if (under?.status !== plain.status)
          throw new Broken(`GET /${versionPrefix}${path} answered ${under?.status}, ${path} ${plain.status}`);
      }
    }),
  ],
};

/** Throws NotApplicable where the node has no such path: then nothing harmless is left to try these rules with. */
async function modelsStatusOf(node: NodeUnderTest, body: unknown, contentType?: string): Promise<Answer> {
  const answer = await node.manage(
    'POST',
    modelsStatus,
    contentType === undefined ? { body } : { body, contentType },
  );
  expectServed(answer);
  return answer;
}
