import { HybridError } from '../errors.ts';
import { type Answer, expectBody, expectServed, expectStatus, readBody } from './answer.ts';
import { errorText, powAnswer, runningPow } from './answer-shapes.ts';
import { inferenceHealth } from './health-rules.ts';
import { hasDevices } from './inventory-rules.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { newPowInit, type PowInit } from './pow-v1-bodies.ts';
import { needed, neededService } from './run-memory.ts';
import { Broken, type Chapter, NotApplicable, rule } from './rule.ts';

const source = 'PoC v1 endpoints';

/** Built on a node in STOPPED; leaves it generating. */
export const powGenerationRules: Chapter = {
  title: 'PoC v1: generation',
  generation: 'v1',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-080',
      'POST /api/v1/pow/init/generate, sent without a Content-Type, answers {"status":"OK","pow_status":{…}}',
      source,
      async (node) => {
        neededService(node.memory, 'STOPPED');
        const body = newPowInit(node);
        const answer = await started(node, body);
        if (answer.status === 200) {
          node.memory.service = 'POW';
          node.memory.powInit = body;
          node.memory.hasTakenPow = true;
        }
        expectBody(answer, 200, powAnswer);
      },
    ),
    rule(
      'MLN-081',
      'from then on GET /api/v1/pow/status says GENERATING, while the model still loads',
      source,
      async (node) => {
        neededInit(node);
        await expectPow(node, 'GENERATING');
      },
    ),
    rule('MLN-082', 'from then on the state is POW', 'What a gateway has to show', async (node) => {
      neededInit(node);
      await node.expectState('POW');
    }),
    rule(
      'MLN-083',
      'from then on {inference}/health is not 200',
      'What a gateway has to show',
      async (node) => {
        neededInit(node);
        if ((await inferenceHealth(node))?.status === 200) throw new Broken('it is 200');
      },
    ),
    rule(
      'MLN-084',
      'POST /api/v1/inference/up answers 409 {"detail": "…"} in POW, and the state stays',
      'One-service rule',
      async (node) => {
        neededInit(node);
        const model = node.memory.model ?? 'conformance/no-such-model';
        const body = { model, dtype: 'auto', additional_args: [] };
        expectBody(await node.work('/api/v1/inference/up', body), 409, errorText);
        await node.expectState('POW');
      },
    ),
    rule(
      'MLN-085',
      'the rule holds for GET too: GET /api/v1/inference/up/status answers 409 in POW',
      'One-service rule',
      async (node) => {
        neededInit(node);
        const answer = await node.manage('GET', '/api/v1/inference/up/status');
        expectServed(answer);
        expectBody(answer, 409, errorText);
      },
    ),
    rule(
      'MLN-086',
      'is_model_initialized becomes true, and the status is GENERATING all the while',
      source,
      async (node) => {
        neededInit(node);
        await node.waitFor('is_model_initialized', async () => {
          const pow = await expectPow(node, 'GENERATING');
          return pow.is_model_initialized ? true : undefined;
        });
        node.memory.isPowModelLoaded = true;
      },
    ),
    rule(
      'MLN-087',
      'the same init/generate again changes nothing: 200, GENERATING, the model stays loaded',
      source,
      async (node) => {
        const init = neededLoaded(node);
        const { pow_status: pow } = expectBody(
          await node.work('/api/v1/pow/init/generate', init),
          200,
          powAnswer,
        );
        const later = await expectPow(node, 'GENERATING');
        if (!pow.is_model_initialized || !later.is_model_initialized)
          throw new Broken('the model is loaded again');
      },
    ),
  ],
};

/** The `pow_status` of the node. Throws Broken when it is another one. */
export async function expectPow(node: NodeUnderTest, due: 'GENERATING' | 'VALIDATING') {
  const answer = await node.manage('GET', '/api/v1/pow/status');
  expectStatus(answer, 200);
  const pow = readBody(answer, runningPow);
  if (pow.status !== due) throw new Broken(`GET /api/v1/pow/status says ${pow.status}, where ${due} is due`);
  return pow;
}

/** The init that the node runs. */
export const neededInit = (node: NodeUnderTest): PowInit =>
  needed(node.memory.powInit, 'no init/generate was taken');

export function neededLoaded(node: NodeUnderTest): PowInit {
  const init = neededInit(node);
  if (!node.memory.isPowModelLoaded) throw new NotApplicable('the model of the PoC was not seen loaded');
  return init;
}

/**
 * A node without a machine refuses in the only way that the Network Node notices: it closes the connection
 * (docs/reference/protocol.md "HTTP client facts"). That is no fault as long as it lists no GPU and is not POW.
 */
async function started(node: NodeUnderTest, body: PowInit): Promise<Answer> {
  try {
    return await node.work('/api/v1/pow/init/generate', body);
  } catch (error) {
    if (!(error instanceof HybridError) || error.code !== 'WIRE_BROKEN') throw error;
    if ((await hasDevices(node)) || (await node.state()) === 'POW') throw error;
    throw new NotApplicable(
      'the node has no GPU: it left the call unanswered, lists no device and is not POW',
    );
  }
}
