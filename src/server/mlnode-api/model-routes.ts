import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { MlnodeDesk, ServiceView } from './desk.ts';
import { detail } from './fastapi-answer.ts';
import { jsonRequest } from './json-request.ts';
import type {
  ModelDownloadAnswer,
  ModelListAnswer,
  ModelSpaceAnswer,
  ModelState,
  ModelStatusAnswer,
  ModelTableAnswer,
} from './model-answers.ts';
import type { OfferedModels } from './offered-models.ts';
import { parsedJson, rawBodyOf } from './raw-body.ts';

/** One model, in the real node's form. */
export const modelRequest = z.looseObject({
  hf_repo: z.string(),
  hf_commit: z.string().nullable().default(null),
});
type Model = z.infer<typeof modelRequest>;

/** Body of the earlier automation: a list of names, or nothing for the node's own model. */
export const listRequest = z.looseObject({
  hf_repo: z.undefined().optional().meta({ not: {} }),
  models: z.array(z.string()).optional(),
});

/**
 * The model cache (docs/reference/protocol.md "Models"). There is none: a model counts as DOWNLOADED while a back
 * end serves it and as NOT_FOUND otherwise, nothing is ever downloading, and nothing can be deleted.
 */
export function modelRoutes(app: FastifyInstance, desk: MlnodeDesk, offered: OfferedModels): void {
  app.post('/api/v1/models/status', (request, reply) => modelStatus(request, reply, desk.view(), offered));

  app.post('/api/v1/models/download', (request, reply) => {
    const asked = jsonRequest(request, reply, modelRequest);
    if ('refused' in asked) return asked.refused;
    const { hf_repo: repo, hf_commit: commit } = asked.body;
    const status = statusOf(repo, offered);
    // The id that the real node gives to a download that it does not start.
    const taskId = `${repo}:${commit ?? 'latest'}:offline`;
    const answer: ModelDownloadAnswer = { task_id: taskId, status, model: named(asked.body) };
    return reply.code(202).send(answer);
  });

  app.delete('/api/v1/models', (request, reply) => {
    const asked = jsonRequest(request, reply, modelRequest);
    if ('refused' in asked) return asked.refused;
    return detail(reply, 404, 'Model not found: this node keeps no model files');
  });

  app.get('/api/v1/models/list', (_request, reply) => {
    const { expectedModel, ...view } = desk.view();
    const served = view.isInferenceHealthy ? [expectedModel] : [];
    const answer: ModelListAnswer = {
      models: served.map((name) => ({ model: { hf_repo: name, hf_commit: null }, status: 'DOWNLOADED' })),
    };
    return reply.send(answer);
  });

  app.get('/api/v1/models/space', (_request, reply) =>
    reply.send({ cache_size_gb: 0, available_gb: 0, cache_path: '' } satisfies ModelSpaceAnswer),
  );
}

/** Told apart by the body: `hf_repo` is the real form, which carries the earlier one's fields too; a list its own. */
function modelStatus(
  request: FastifyRequest,
  reply: FastifyReply,
  view: ServiceView,
  offered: OfferedModels,
): FastifyReply {
  const raw = rawBodyOf(request);
  const list = listRequest.safeParse(raw.trim() === '' ? {} : parsedJson(raw)?.value);
  if (list.success) return reply.send(statusByName(list.data.models ?? [view.expectedModel], offered));
  const asked = jsonRequest(request, reply, modelRequest);
  if ('refused' in asked) return asked.refused;
  const { hf_repo, hf_commit } = asked.body;
  const status = statusOf(hf_repo, offered);
  const loaded = status === 'DOWNLOADED';
  const answer: ModelStatusAnswer = {
    model: named(asked.body),
    status,
    progress: null,
    error_message: null,
    hf_repo,
    hf_commit,
    loaded,
    backend: loaded ? 'api' : null,
  };
  return reply.send(answer);
}

function statusByName(names: readonly string[], offered: OfferedModels): ModelTableAnswer {
  const rows = names.map((name): [string, ModelTableAnswer['models'][string]] =>
    statusOf(name, offered) === 'DOWNLOADED'
      ? [name, { status: 'ready', loaded: true, backend: 'api' }]
      : [name, { status: 'unavailable', loaded: false }],
  );
  return { models: Object.fromEntries(rows) };
}

const statusOf = (name: string, offered: OfferedModels): ModelState =>
  offered.isServed(name) ? 'DOWNLOADED' : 'NOT_FOUND';

const named = ({ hf_repo, hf_commit }: Model): ModelStatusAnswer['model'] => ({ hf_repo, hf_commit });
