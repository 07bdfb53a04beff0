import { artifactVector } from '../artifact-vector.ts';
import { Random } from '../random.ts';
import { artifactObjection, type PocV2Params, sampled } from './artifact-objection.ts';
import { createCallbackServerV2 } from './callback-server-v2.ts';
import { inferenceUpV2, startPocV2 } from './node-commands-v2.ts';
import type { NodeRecord } from './node-record.ts';
import type { PocBook } from './poc-book.ts';
import { participantKeys, type PocSide, type PocSideContext } from './poc-side.ts';
import { type PocV2Job, pocV2Body, pocV2CallbackUrl } from './poc-v2-bodies.ts';
import { runValidationV2 } from './validation-run-v2.ts';

export interface PocSideV2Options {
  readonly params: PocV2Params;
  /** Whether the callback URL names the model, as since v0.2.12. */
  readonly hasModelSegment: boolean;
}

/** PoC v2: `inference/pow/*` inside the served model, artifacts kept here and committed. */
export function pocSideV2(context: PocSideContext, options: PocSideV2Options): PocSide {
  const { clock, ledger, log, registry } = context;
  const { params, hasModelSegment } = options;
  const keys = participantKeys(context);
  const urlOf = (model: string): string =>
    pocV2CallbackUrl(context.callbackOrigin(), hasModelSegment ? model : undefined);
  return {
    command: async (node, target, span, signal) => {
      if (target.poc === 'VALIDATING') return;
      const { id: model } = context.model(node);
      const body = pocV2Body({
        blockHash: span.blockHash,
        blockHeight: span.stageHeight,
        publicKey: context.publicKey,
        nodeId: node.nodeNum,
        nodeCount: registry.nodeCount(),
        model,
        seqLen: params.seqLen,
        url: urlOf(model),
      });
      await startPocV2(context.client(node), body, signal);
    },
    inferenceUp: (node, signal) => inferenceUpV2(context.client(node), context.model(node), signal),
    isPossible: (node, target) =>
      target.status !== 'POC' ||
      target.poc !== 'VALIDATING' ||
      node.current.status === 'POC' ||
      node.current.status === 'INFERENCE',
    validate: (book) =>
      runValidationV2({
        clock,
        nodes: () => registry.all().filter((node) => isValidator(context, node, book)),
        jobs: (nodes) => jobsOf(context, params, book, nodes, urlOf),
        client: (node) => context.client(node),
        signal: context.signal(),
        isOpen: () => (context.height() ?? Number.POSITIVE_INFINITY) <= book.span.validated.end,
        onDue: (publicKey) => book.validationsDue.add(publicKey),
        onRequested: (publicKey) => book.validationsRequested.add(publicKey),
      }),
    objection: (book) => {
      const [node] = registry.all();
      if (node === undefined) return undefined;
      const random = new Random(context.seed + book.span.stageHeight);
      return artifactObjection(book, {
        publicKey: context.publicKey,
        model: context.model(node).id,
        params,
        random,
      });
    },
    callbacks: createCallbackServerV2({
      registry,
      log,
      hasModelSegment,
      nowMs: () => clock.now(),
      height: () => context.height(),
      bookAt: (stageHeight) => ledger.at(stageHeight),
      latestBook: () => ledger.latest(),
      taking: (kind) => ledger.taking(kind, context.height() ?? 0),
      isParticipant: (publicKey) => keys.has(publicKey),
    }),
  };
}

/** Not FAILED or UNKNOWN, operational, not preserved, in POC or INFERENCE. */
function isValidator(context: PocSideContext, node: NodeRecord, book: PocBook): boolean {
  const { status } = node.current;
  const isUsable = status === 'POC' || status === 'INFERENCE';
  return isUsable && context.isOperational(node) && !book.preservedNodes.has(node.config.id);
}

/** One job for each other host; which node gets it is decided when it is sent. */
function jobsOf(
  context: PocSideContext,
  params: PocV2Params,
  book: PocBook,
  nodes: readonly NodeRecord[],
  urlOf: (model: string) => string,
): readonly { readonly publicKey: string; bodyFor(node: NodeRecord): PocV2Job }[] {
  const { blockHash, stageHeight } = book.span;
  const random = new Random(context.seed + book.span.validationStartHeight);
  const [first] = nodes;
  const model = first === undefined ? '' : context.model(first).id;
  return context.participants.map(({ publicKey, artifactCount = params.sampleSize }) => {
    const all = Array.from({ length: artifactCount }, (_, at) => at + 1);
    const artifacts = sampled(all, params.sampleSize, random).map((nonce) => ({
      nonce,
      vector_b64: artifactVector({ blockHash, publicKey, nonce, model }),
    }));
    return {
      publicKey,
      bodyFor: (node) => ({
        ...pocV2Body({
          blockHash,
          blockHeight: stageHeight,
          publicKey,
          nodeId: node.nodeNum,
          nodeCount: nodes.length,
          model,
          seqLen: params.seqLen,
          url: urlOf(model),
        }),
        nonces: artifacts.map(({ nonce }) => nonce),
        validation: { artifacts },
        stat_test: {
          dist_threshold: params.distThreshold,
          p_mismatch: params.pMismatch,
          p_value_threshold: params.pValueThreshold,
        },
      }),
    };
  });
}
