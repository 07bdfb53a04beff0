import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PowCall } from '../../adapters/mlnode/interface.ts';
import { callbackTarget } from '../relay/callback-target.ts';
import type { MlnodeDesk, ServiceView } from './desk.ts';
import { conflict, detail, unprocessable } from './fastapi-answer.ts';
import { jsonRequest } from './json-request.ts';
import type { PowStatusAnswer } from './pow-answers.ts';
import { powInitRequest, type PowInitRequest } from './pow-init-request.ts';
import { proofBatchRequest } from './proof-batch-request.ts';
import { rawBodyOf } from './raw-body.ts';
import { orSilence, silence } from './silence.ts';

const initCalls: ReadonlySet<PowCall> = new Set(['init', 'init/generate', 'init/validate']);
const calls: readonly PowCall[] = [...initCalls, 'phase/generate', 'phase/validate', 'validate', 'stop'];

/** The eight endpoints of PoC v1 (docs/reference/protocol.md "PoC v1"). */
export function powRoutes(app: FastifyInstance, desk: MlnodeDesk, log: FastifyBaseLogger): void {
  app.get('/api/v1/pow/status', (_request, reply) => {
    const view = desk.view();
    const refusal = conflict(reply, 'POW', view);
    if (refusal) return refusal;
    return reply.send(powStatus(view));
  });
  for (const call of calls) {
    app.post(`/api/v1/pow/${call}`, async (request, reply) => {
      const refusal = refusalOf(call, request, reply, desk);
      if (refusal) return refusal;
      return orSilence(reply, log, `pow/${call}`, () => relay(call, rawBodyOf(request), desk, reply));
    });
  }
}

function powStatus({ pow }: ServiceView): PowStatusAnswer {
  if (!pow || pow.status === 'NOT_LOADED') return { status: 'NOT_LOADED' };
  return { status: pow.status, is_model_initialized: pow.isModelInitialized };
}

async function relay(
  call: PowCall,
  body: string,
  desk: MlnodeDesk,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const answer = await desk.pow(call, body);
  if (answer.kind === 'silence') return silence(reply);
  return reply.code(answer.status).type('application/json').send(answer.body);
}

function refusalOf(
  call: PowCall,
  request: FastifyRequest,
  reply: FastifyReply,
  desk: MlnodeDesk,
): FastifyReply | undefined {
  const rule = (): FastifyReply | undefined => conflict(reply, 'POW', desk.view());
  if (call === 'validate') {
    const batch = jsonRequest(request, reply, proofBatchRequest, rule);
    return 'refused' in batch ? batch.refused : undefined;
  }
  if (!initCalls.has(call)) return rule();
  const init = jsonRequest(request, reply, powInitRequest, rule);
  return 'refused' in init ? init.refused : initRefusal(call, init.body, reply);
}

function initRefusal(call: PowCall, init: PowInitRequest, reply: FastifyReply): FastifyReply | undefined {
  if (call === 'init/generate' && (init.node_id === -1 || init.node_count === -1)) {
    return detail(reply, 400, 'Node ID and node count must be set');
  }
  try {
    callbackTarget(init.url);
    return undefined;
  } catch {
    return unprocessable(reply, [
      { type: 'url_type', loc: ['body', 'url'], msg: 'Input should be a valid http(s) URL' },
    ]);
  }
}
