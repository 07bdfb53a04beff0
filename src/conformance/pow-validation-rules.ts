import { expectBody, expectStatus, said } from './answer.ts';
import { powAnswer, powStatus, powStopped } from './answer-shapes.ts';
import {
  awaitCallback,
  type CallbackKind,
  expectPosted,
  lastReadable,
  neededReceiver,
  readCallback,
} from './awaited-callback.ts';
import { validatedBatch } from './callback-shapes.ts';
import { expectPow, neededInit, neededLoaded } from './pow-generation-rules.ts';
import { madeUpBatch, newPowInit } from './pow-v1-bodies.ts';
import { needed, neededService } from './run-memory.ts';
import { Broken, type Chapter, rule } from './rule.ts';

const source = 'PoC v1 endpoints';
const validated: CallbackKind = { generation: 'v1', name: 'validated' };

/** Built on a node that generates. */
export const powValidationRules: Chapter = {
  title: 'PoC v1: validation',
  generation: 'v1',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-100',
      'POST /api/v1/pow/init/validate with the body of the running generate only switches the phase: 200, VALIDATING, the model stays loaded',
      source,
      async (node) => {
        const init = neededLoaded(node);
        const answer = await node.work('/api/v1/pow/init/validate', init);
        const { pow_status: pow } = expectBody(answer, 200, powAnswer);
        if (pow.status !== 'VALIDATING' || !pow.is_model_initialized) throw new Broken(said(answer));
      },
    ),
    rule(
      'MLN-101',
      'from then on GET /api/v1/pow/status says VALIDATING, and the state stays POW',
      source,
      async (node) => {
        neededLoaded(node);
        await expectPow(node, 'VALIDATING');
        await node.expectState('POW');
      },
    ),
    rule('MLN-102', 'POST /api/v1/pow/validate with a batch answers 200 null', source, async (node) => {
      const init = neededLoaded(node);
      const batch = { ...(node.memory.ownBatch ?? madeUpBatch(init)), node_id: 0 };
      const answer = await node.work('/api/v1/pow/validate', batch);
      if (answer.status === 200) node.memory.postedBatch = batch;
      expectStatus(answer, 200);
      if (answer.body.trim() !== 'null') throw new Broken(said(answer));
    }),
    rule(
      'MLN-103',
      'the validated batch is posted to {url}/validated with the fields of a batch, "received_dist", "r_target", "fraud_threshold", "n_invalid", "probability_honest", "fraud_detected"',
      'Payloads',
      async (node) => {
        const { url } = neededInit(node);
        needed(node.memory.postedBatch, 'no batch was taken for validation');
        const callback = await awaitCallback(node, validated);
        expectPosted(callback, url, 'validated');
        readCallback(callback, validatedBatch);
      },
    ),
    rule('MLN-104', 'it answers the batch that was posted, nonce by nonce', 'Payloads', async (node) => {
      const posted = needed(node.memory.postedBatch, 'no batch was taken for validation');
      const verdict = await readableVerdict(node);
      const isSame =
        verdict.public_key === posted.public_key &&
        verdict.block_hash === posted.block_hash &&
        verdict.nonces.join() === posted.nonces.join() &&
        verdict.received_dist.join() === posted.dist.join();
      if (!isSame) throw new Broken('public_key, block_hash, nonces or received_dist differ');
    }),
    rule(
      'MLN-105',
      'fraud_detected is probability_honest < fraud_threshold, and a batch of its own is no fraud',
      'Payloads',
      async (node) => {
        needed(node.memory.postedBatch, 'no batch was taken for validation');
        const { fraud_detected, fraud_threshold, probability_honest } = await readableVerdict(node);
        if (fraud_detected !== probability_honest < fraud_threshold)
          throw new Broken(`probability_honest is ${probability_honest}, fraud_detected ${fraud_detected}`);
        if (fraud_detected && node.memory.ownBatch !== null && node.memory.isOwnBatchSound)
          throw new Broken('it finds fraud in its own batch');
      },
    ),
    rule(
      'MLN-106',
      'POST /api/v1/pow/phase/generate and phase/validate switch the phase and keep the model',
      source,
      async (node) => {
        neededLoaded(node);
        for (const [phase, due] of [
          ['generate', 'GENERATING'],
          ['validate', 'VALIDATING'],
        ] as const) {
          expectBody(await node.work(`/api/v1/pow/phase/${phase}`), 200, powAnswer);
          const pow = await expectPow(node, due);
          if (!pow.is_model_initialized) throw new Broken('the model is loaded again');
        }
      },
    ),
  ],
};

/** Built on a running PoC; leaves the node in STOPPED. */
export const powEndRules: Chapter = {
  title: 'PoC v1: end',
  generation: 'v1',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-110',
      'POST /api/v1/pow/stop ends the PoC: {"status":"OK","pow_status":{"status":"NOT_LOADED"}}, state STOPPED',
      source,
      async (node) => {
        neededInit(node);
        const answer = await node.work('/api/v1/pow/stop');
        if (answer.status === 200) {
          node.memory.powInit = null;
          node.memory.service = 'STOPPED';
        }
        const { pow_status: pow } = expectBody(answer, 200, powStopped);
        if (typeof pow === 'string') throw new Broken(said(answer));
        await node.expectState('STOPPED');
      },
    ),
    rule('MLN-111', 'POST /api/v1/pow/init starts in the phase IDLE, state POW', source, async (node) => {
      neededService(node.memory, 'STOPPED');
      needed(node.memory.hasTakenPow || null, 'no init/generate was taken before');
      const body = newPowInit(node);
      const answer = await node.work('/api/v1/pow/init', body);
      if (answer.status === 200) {
        node.memory.powInit = body;
        node.memory.service = 'POW';
      }
      const { pow_status: pow } = expectBody(answer, 200, powAnswer);
      if (pow.status !== 'IDLE' && pow.status !== 'LOADING') throw new Broken(said(answer));
      await node.expectState('POW');
    }),
    rule(
      'MLN-112',
      'POST /api/v1/stop ends a running PoC: state STOPPED, NOT_LOADED',
      'State and stop',
      async (node) => {
        neededInit(node);
        expectStatus(await node.work('/api/v1/stop'), 200);
        node.memory.powInit = null;
        node.memory.service = 'STOPPED';
        await node.expectState('STOPPED');
        const { status } = expectBody(await node.manage('GET', '/api/v1/pow/status'), 200, powStatus);
        if (status !== 'NOT_LOADED') throw new Broken(`GET /api/v1/pow/status says ${status}`);
      },
    ),
  ],
};

async function readableVerdict(node: Parameters<typeof neededInit>[0]) {
  await awaitCallback(node, validated);
  return needed(
    lastReadable(neededReceiver(node), validated, validatedBatch),
    'no validated batch can be read',
  );
}
