import { Random } from '../random.ts';
import { createCallbackServer } from './callback-server.ts';
import { inferenceUp, initValidate, startPoc } from './node-commands.ts';
import { participantKeys, type PocSide, type PocSideContext } from './poc-side.ts';
import { type PowParams, powInitBody } from './pow-init-body.ts';
import { runValidation, validationBatches } from './validation-run.ts';

/** PoC v1: `pow/*`, a model of its own, batches straight to the chain. */
export function pocSideV1(context: PocSideContext, pow: PowParams): PocSide {
  const { clock, ledger, log, registry } = context;
  const keys = participantKeys(context);
  return {
    command: async (node, target, span, signal) => {
      const init = powInitBody({
        nodeNum: node.nodeNum,
        nodeCount: registry.nodeCount(),
        stageHeight: span.stageHeight,
        blockHash: span.blockHash,
        publicKey: context.publicKey,
        callbackOrigin: context.callbackOrigin(),
        pow,
      });
      const client = context.client(node);
      await (target.poc === 'VALIDATING'
        ? initValidate(client, init, signal)
        : startPoc(client, init, signal));
    },
    inferenceUp: (node, signal) => inferenceUp(context.client(node), context.model(node), signal),
    isPossible: () => true,
    validate: async (book) => {
      const random = new Random(context.seed + book.span.validationStartHeight);
      const batches = validationBatches(book, context.publicKey, context.participants, random);
      for (const batch of batches) book.validationsDue.add(batch.public_key);
      await runValidation({
        nodes: registry
          .all()
          .filter(({ current }) => current.status === 'POC' && current.poc === 'VALIDATING'),
        batches,
        client: (node) => context.client(node),
        signal: context.signal(),
        onRequested: (batch) => book.validationsRequested.add(batch.public_key),
      });
    },
    objection: () => undefined,
    callbacks: createCallbackServer({
      registry,
      log,
      nowMs: () => clock.now(),
      height: () => context.height(),
      bookAt: (stageHeight) => ledger.at(stageHeight),
      latestBook: () => ledger.latest(),
      isParticipant: (publicKey) => keys.has(publicKey),
    }),
  };
}
