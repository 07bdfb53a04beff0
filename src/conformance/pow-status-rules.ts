import { expectBody, expectStatus, readBody } from './answer.ts';
import { errorText, fieldErrors, powStatus, powStopped, runningPow } from './answer-shapes.ts';
import { newPowInit } from './pow-v1-bodies.ts';
import { neededService } from './run-memory.ts';
import { medianMs } from './poll-time.ts';
import { Broken, type Chapter, rule } from './rule.ts';

export const powStatusRules: Chapter = {
  title: 'PoC v1: status',
  generation: 'v1',
  isDisruptive: false,
  rules: [
    rule(
      'MLN-060',
      'GET /api/v1/pow/status answers {"status", "is_model_initialized"} in POW, NOT_LOADED in STOPPED, 409 in INFERENCE and TRAIN',
      'PoC v1 endpoints',
      async (node) => {
        const state = await node.state();
        const answer = await node.manage('GET', '/api/v1/pow/status');
        const isFree = state === 'POW' || state === 'STOPPED';
        expectStatus(answer, isFree ? 200 : 409);
        readBody<unknown>(answer, !isFree ? errorText : state === 'POW' ? runningPow : powStatus);
      },
    ),
    rule('MLN-061', 'GET /api/v1/pow/status answers within {pollLimit}', 'Call sequences', async (node) => {
      await medianMs(node, () => node.manage('GET', '/api/v1/pow/status'));
    }),
  ],
};

/** Built on a node in INFERENCE. */
export const powConflictRules: Chapter = {
  title: 'PoC v1: not while inference runs',
  generation: 'v1',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-062',
      'POST /api/v1/pow/init/generate answers 409 {"detail": "…"} in INFERENCE, and the state stays',
      'One-service rule',
      async (node) => {
        neededService(node.memory, 'INFERENCE');
        expectBody(await node.work('/api/v1/pow/init/generate', newPowInit(node)), 409, errorText);
        await node.expectState('INFERENCE');
      },
    ),
    rule(
      'MLN-063',
      'the rule holds for GET too: GET /api/v1/pow/status answers 409 in INFERENCE',
      'One-service rule',
      async (node) => {
        neededService(node.memory, 'INFERENCE');
        expectBody(await node.manage('GET', '/api/v1/pow/status'), 409, errorText);
      },
    ),
  ],
};

/** Built on a node in STOPPED. */
export const powRefusalRules: Chapter = {
  title: 'PoC v1: what is refused',
  generation: 'v1',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-070',
      'GET /api/v1/pow/status answers {"status":"NOT_LOADED"} in STOPPED',
      'PoC v1 endpoints',
      async (node) => {
        neededService(node.memory, 'STOPPED');
        const { status } = expectBody(await node.manage('GET', '/api/v1/pow/status'), 200, powStatus);
        if (status !== 'NOT_LOADED') throw new Broken(`it says ${status}`);
      },
    ),
    rule(
      'MLN-071',
      'POST /api/v1/pow/phase/generate, phase/validate and validate answer 400 (the first 500 before any init) without a running PoC',
      'PoC v1 endpoints',
      async (node) => {
        neededService(node.memory, 'STOPPED');
        expectStatus(await node.work('/api/v1/pow/phase/generate'), 400, 500);
        expectBody(await node.work('/api/v1/pow/phase/validate'), 400, errorText);
        expectBody(await node.work('/api/v1/pow/validate', someBatch), 400, errorText);
      },
    ),
    rule(
      'MLN-072',
      'POST /api/v1/pow/stop answers {"status":"OK"} without a running PoC',
      'PoC v1 endpoints',
      async (node) => {
        neededService(node.memory, 'STOPPED');
        expectBody(await node.work('/api/v1/pow/stop'), 200, powStopped);
      },
    ),
    rule(
      'MLN-073',
      'POST /api/v1/pow/init/generate without block_hash answers 422 that names it, and starts nothing',
      'PoC v1 endpoints',
      async (node) => {
        neededService(node.memory, 'STOPPED');
        const { block_hash: _, ...body } = newPowInit(node);
        const { detail } = expectBody(await node.work('/api/v1/pow/init/generate', body), 422, fieldErrors);
        if (!detail.some(({ loc }) => loc.join('.') === 'body.block_hash'))
          throw new Broken('no entry of "detail" names body.block_hash');
        await node.expectState('STOPPED');
      },
    ),
    rule(
      'MLN-074',
      'POST /api/v1/pow/init/generate with a body that is no JSON answers 422',
      'PoC v1 endpoints',
      async (node) => {
        neededService(node.memory, 'STOPPED');
        expectBody(await node.work('/api/v1/pow/init/generate', '{"node_id": 1,'), 422, fieldErrors);
      },
    ),
    rule(
      'MLN-075',
      'POST /api/v1/pow/init/generate without node_id and node_count answers 400, and starts nothing',
      'PoC v1 endpoints',
      async (node) => {
        neededService(node.memory, 'STOPPED');
        const { node_id: _, node_count: __, ...body } = newPowInit(node);
        expectBody(await node.work('/api/v1/pow/init/generate', body), 400, errorText);
        await node.expectState('STOPPED');
      },
    ),
    rule(
      'MLN-076',
      'POST /api/v1/pow/validate with a body that is no batch answers 422',
      'PoC v1 endpoints',
      async (node) => {
        neededService(node.memory, 'STOPPED');
        expectBody(await node.work('/api/v1/pow/validate', { nonces: 'none' }), 422, fieldErrors);
      },
    ),
  ],
};

const someBatch = {
  public_key: '02ff',
  block_hash: 'AB',
  block_height: 1,
  nonces: [1],
  dist: [1.3],
  node_id: 0,
};
