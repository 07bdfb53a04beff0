import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PowCall } from '../../adapters/mlnode/interface.ts';
import { callbackTarget } from '../relay/callback-target.ts';
import type { MlnodeDesk } from './desk.ts';
import { conflictText, detail, fieldErrors, noBody, noJson, unprocessable } from './fastapi-answer.ts';
import { powInitRequest } from './pow-init-request.ts';
import { parsedJson, rawBodyOf } from './raw-body.ts';
import { orSilence, silence } from './silence.ts';

const initCalls: ReadonlySet<PowCall> = new Set(['init', 'init/generate', 'init/validate']);
const calls: readonly PowCall[] = [...initCalls, 'phase/generate', 'phase/validate', 'validate', 'stop'];

/** The eight endpoints of PoC v1 (docs/reference/protocol.md "PoC v1"). */
export function powRoutes(app: FastifyInstance, desk: MlnodeDesk, log: FastifyBaseLogger): void {
  app.get('/api/v1/pow/status', (_request, reply) => {
    const { state, pow } = desk.view();
    if (state === 'INFERENCE') return detail(reply, 409, conflictText('POW', state));
    if (!pow || pow.status === 'NOT_LOADED') return reply.send({ status: 'NOT_LOADED' });
    return reply.send({ status: pow.status, is_model_initialized: pow.isModelInitialized });
  });
  for (const call of calls) {
    app.post(`/api/v1/pow/${call}`, async (request, reply) => {
      const refusal = refusalOf(call, request, reply, desk);
      if (refusal) return refusal;
      return orSilence(reply, log, `pow/${call}`, () => relay(call, rawBodyOf(request), desk, reply));
    });
  }
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

/** In FastAPI's own order: JSON at all, then the one-service rule, then the fields, then the handler's checks. */
function refusalOf(
  call: PowCall,
  request: FastifyRequest,
  reply: FastifyReply,
  desk: MlnodeDesk,
): FastifyReply | undefined {
  const raw = rawBodyOf(request);
  const parsed = parsedJson(raw);
  const hasBody = initCalls.has(call) || call === 'validate';
  if (hasBody && raw !== '' && !parsed) return unprocessable(reply, [noJson]);
  const { state } = desk.view();
  if (state === 'INFERENCE') return detail(reply, 409, conflictText('POW', state));
  if (hasBody && !parsed) return unprocessable(reply, [noBody]);
  return initCalls.has(call) ? initRefusal(call, parsed?.value, reply) : undefined;
}

function initRefusal(call: PowCall, body: unknown, reply: FastifyReply): FastifyReply | undefined {
  const init = powInitRequest.safeParse(body);
  if (!init.success) return unprocessable(reply, fieldErrors(init.error, body));
  if (call === 'init/generate' && (init.data.node_id === -1 || init.data.node_count === -1)) {
    return detail(reply, 400, 'Node ID and node count must be set');
  }
  try {
    callbackTarget(init.data.url);
    return undefined;
  } catch {
    return unprocessable(reply, [
      { type: 'url_type', loc: ['body', 'url'], msg: 'Input should be a valid http(s) URL' },
    ]);
  }
}
