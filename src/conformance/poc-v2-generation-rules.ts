import { z } from 'zod';
import { expectBody, expectStatus, readBody, said } from './answer.ts';
import { pocV2Refused, pocV2Started, pocV2Stopped } from './answer-shapes.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import type { PocV2Init } from './poc-v2-bodies.ts';
import { expectBackEnds, expectPocV2, neededBody } from './poc-v2-status-rules.ts';
import { needed, neededService } from './run-memory.ts';
import { Broken, type Chapter, rule } from './rule.ts';

const source = 'PoC v2 endpoints';
const root = '/api/v1/inference/pow';
const unavailable = z.object({ error: z.object({ message: z.string(), code: z.literal(503) }) });

/** Built on a node in INFERENCE; leaves it generating. */
export const pocV2GenerationRules: Chapter = {
  title: 'PoC v2: generation',
  generation: 'v2',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-130',
      'POST /api/v1/inference/pow/init/generate answers {"status":"OK", "backends", "n_groups", "results", "errors"}',
      source,
      async (node) => {
        const body = neededBody(node);
        const answer = await node.work(`${root}/init/generate`, body);
        await expectBackEnds(node, answer);
        if (answer.status === 200) node.memory.pocV2Init = body;
        expectBody(answer, 200, pocV2Started);
      },
    ),
    rule('MLN-131', 'from then on GET /api/v1/inference/pow/status says GENERATING', source, async (node) => {
      neededPocV2(node);
      await expectPocV2(node, 'GENERATING');
    }),
    rule(
      'MLN-132',
      'the config of each back end there is the one of the init request',
      source,
      async (node) => {
        const init = neededPocV2(node);
        const { backends } = await expectPocV2(node, 'GENERATING');
        const fields = ['block_hash', 'block_height', 'node_id', 'node_count'] as const;
        for (const { port, config } of backends) {
          const wrong = fields.filter((field) => config?.[field] !== init[field]);
          if (wrong.length > 0) throw new Broken(`back end ${port} differs in ${wrong.join(', ')}`);
        }
      },
    ),
    rule('MLN-133', 'the state stays INFERENCE', 'PoC v2 endpoints', async (node) => {
      neededPocV2(node);
      await node.expectState('INFERENCE');
    }),
    rule(
      'MLN-134',
      'the same init/generate again answers 502 {"detail": …} or 200, and goes on generating',
      source,
      async (node) => {
        const answer = await node.work(`${root}/init/generate`, neededPocV2(node));
        expectStatus(answer, 200, 502);
        readBody<unknown>(answer, answer.status === 200 ? pocV2Started : pocV2Refused);
        await expectPocV2(node, 'GENERATING');
      },
    ),
    rule(
      'MLN-135',
      'a chat request meanwhile is answered, or refused with 503 {"error": {"message", "code"}}',
      'PoC v2 callbacks',
      async (node) => {
        neededPocV2(node);
        const messages = [{ role: 'user', content: 'One word.' }];
        const answer = await node.infer('POST', '/v1/chat/completions', {
          body: { model: node.memory.model, messages, max_tokens: 1 },
          limitMs: node.options.waitMs,
        });
        if (answer === null) throw new Broken('nothing listens on the inference port');
        expectStatus(answer, 200, 503);
        if (answer.status === 503) readBody(answer, unavailable);
      },
    ),
  ],
};

/** Built on a node that generates; leaves it idle. */
export const pocV2StopRules: Chapter = {
  title: 'PoC v2: stop',
  generation: 'v2',
  isDisruptive: true,
  rules: [
    rule(
      'MLN-150',
      'POST /api/v1/inference/pow/stop answers {"status":"OK", "results", "errors"} or {"status":"OK", "message"}',
      source,
      async (node) => {
        neededService(node.memory, 'INFERENCE');
        const answer = await node.work(`${root}/stop`, {});
        expectBody(answer, 200, pocV2Stopped);
      },
    ),
    rule('MLN-151', 'after that GET /api/v1/inference/pow/status says IDLE', source, async (node) => {
      neededPocV2(node);
      await expectPocV2(node, 'IDLE');
    }),
    rule('MLN-152', 'a second stop answers {"status":"OK", …} too', source, async (node) => {
      neededService(node.memory, 'INFERENCE');
      const answer = await node.work(`${root}/stop`, {});
      if (answer.status !== 200) throw new Broken(said(answer));
      readBody(answer, pocV2Stopped);
    }),
  ],
};

/** The init that this run started. */
export const neededPocV2 = (node: NodeUnderTest): PocV2Init =>
  needed(node.memory.pocV2Init, 'no init/generate of PoC v2 was taken');
