import { z } from 'zod';
import { HybridError } from '../../errors.ts';
import type { WireResponse } from '../transport.ts';
import type { MlnodeModels, ModelName } from './interface.ts';
import { badAnswer, jsonOf, type MlnodeWire, reasonOf } from './wire.ts';

/** Limits in real milliseconds. A node without `up/async` answers `up` when vLLM is up: 1200 s is its own limit. */
const statusTimeoutMs = 5_000;
const startTimeoutMs = 60_000;
const blockingStartTimeoutMs = 1_260_000;

const file = z.object({
  status: z.enum(['DOWNLOADED', 'DOWNLOADING', 'NOT_FOUND', 'PARTIAL', 'IGNORED']),
  progress: z.object({ elapsed_seconds: z.number().nullish() }).nullish(),
  error_message: z.string().nullish(),
});
const start = z.object({
  status: z.enum(['not_started', 'in_progress', 'completed', 'failed', 'cancelled']),
  elapsed_seconds: z.number().nullish(),
  error: z.string().nullish(),
});
const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });
/** August 2025: 200 whatever became of it. */
const oldStart = z.object({ status: z.string(), message: z.string().nullish() });

/** Models of the ML node over HTTP (docs/reference/protocol.md "Inference control", "Models"). */
export function createHttpModels(wire: MlnodeWire): MlnodeModels {
  return {
    async modelFile(model, signal) {
      const answer = await wire.post('/api/v1/models/status', bodyOf(model), statusTimeoutMs, signal);
      if (isUnknownRoute(answer)) return null;
      const told = wire.parse('models/status', answer, file);
      return {
        status: told.status,
        elapsedSeconds: told.progress?.elapsed_seconds ?? null,
        error: told.error_message ?? null,
      };
    },
    async downloadModel(model, signal) {
      const answer = await wire.post('/api/v1/models/download', bodyOf(model), startTimeoutMs, signal);
      if (answer.status < 300 || answer.status === 409) return;
      throw refused('models/download', answer);
    },
    async startModel(body, signal) {
      const begun = await wire.post('/api/v1/inference/up/async', body, startTimeoutMs, signal);
      if (!isUnknownRoute(begun)) {
        if (begun.status < 300 || begun.status === 409) return { isUp: false };
        throw startFailed(begun);
      }
      const done = await wire.post('/api/v1/inference/up', body, blockingStartTimeoutMs, signal);
      if (done.status === 409) return { isUp: false };
      const told = oldStart.safeParse(jsonOf(done.body));
      if (done.status >= 300 || (told.success && told.data.status !== 'OK')) throw startFailed(done);
      return { isUp: true };
    },
    async modelStart(signal) {
      const answer = await wire.get('/api/v1/inference/up/status', statusTimeoutMs, signal);
      if (isUnknownRoute(answer)) return null;
      const told = wire.parse('inference/up/status', answer, start);
      return {
        status: told.status,
        elapsedSeconds: told.elapsed_seconds ?? 0,
        error: told.error ?? null,
      };
    },
    async servedModels(signal) {
      const answer = await wire.get('/v1/models', statusTimeoutMs, signal);
      // The proxy's own words while no vLLM is healthy.
      if (answer.status === 502 || answer.status === 503 || isUnknownRoute(answer)) return [];
      return wire.parse('/v1/models', answer, modelList).data.map(({ id }) => id);
    },
  };
}

const bodyOf = ({ repo, commit }: ModelName): string => JSON.stringify({ hf_repo: repo, hf_commit: commit });

const isUnknownRoute = ({ status }: WireResponse): boolean => status === 404 || status === 405;

function refused(what: string, answer: WireResponse): HybridError {
  if (answer.status >= 500) return badAnswer(what, `status ${answer.status} ${reasonOf(answer.body)}`.trim());
  const message = `ML node, ${what}: ${answer.status} ${reasonOf(answer.body)}`.trim();
  return new HybridError({ code: 'MLNODE_REFUSED', message });
}

function startFailed(answer: WireResponse): HybridError {
  const reason = reasonOf(answer.body) || `status ${answer.status}`;
  return new HybridError({ code: 'MODEL_START_FAILED', message: `the model was not started: ${reason}` });
}
