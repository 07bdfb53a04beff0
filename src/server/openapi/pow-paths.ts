import { type Answer, management, type Operation } from './operation.ts';
import type { RequestSchemaName } from './schemas.ts';

const conflict: Answer = { description: 'Another service runs.', schema: 'Detail' };
const wrongBody: Answer = { description: 'No JSON, or a field is wrong.', schema: 'FieldErrors' };
const unanswered = 'No qualified machine took the call: the Network Node notices nothing but that.';

const work = (call: string, summary: string, ok: Answer, more: Operation['answers'] = {}): Operation => ({
  method: 'post',
  path: `/api/v1/pow/${call}`,
  half: 'management',
  listeners: management,
  summary,
  answers: { 200: ok, ...more, 409: conflict },
  unanswered,
});

const withBody = (schema: RequestSchemaName, operation: Operation): Operation => ({
  ...operation,
  body: { schemas: [schema], isRequired: true },
  answers: { ...operation.answers, 422: wrongBody },
});

const taken: Answer = { description: 'The machine’s own answer.', schema: 'PowWork' };
const notRunning = { 400: { description: 'PoW does not run.', schema: 'Detail' } } as const;
const noNumbers = {
  400: { description: 'The node’s number or the count is missing.', schema: 'Detail' },
} as const;

export const powPaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/pow/status',
    half: 'management',
    listeners: management,
    summary: 'The phase of PoC v1, from memory.',
    answers: { 200: { description: 'The phase.', schema: 'PowStatus' }, 409: conflict },
  },
  withBody('PowInit', work('init', 'Prepares PoC v1 and waits.', taken)),
  withBody('PowInit', work('init/generate', 'Starts to generate nonces.', taken, noNumbers)),
  withBody('PowInit', work('init/validate', 'Starts to validate, or switches to it.', taken)),
  work('phase/generate', 'Switches to generation.', taken, notRunning),
  work('phase/validate', 'Switches to validation.', taken, notRunning),
  withBody(
    'ProofBatch',
    work(
      'validate',
      'Gives a batch to validate; the verdict comes by a callback.',
      { description: 'The machine took the batch.', schema: 'BatchTaken' },
      notRunning,
    ),
  ),
  work('stop', 'Ends PoC v1.', { description: 'Stopped, or it did not run.', schema: 'PowStopped' }),
];
