import { type Answer, management, type Operation } from './operation.ts';

const root = '/api/v1/inference';
const conflict: Answer = { description: 'PoW runs.', schema: 'Detail' };

const up = (path: string, summary: string, ok: Answer): Operation => ({
  method: 'post',
  path: `${root}/${path}`,
  half: 'management',
  listeners: management,
  summary,
  body: { schemas: ['InferenceUp'], isRequired: true },
  answers: {
    200: ok,
    409: conflict,
    422: { description: 'No JSON, or a field is wrong.', schema: 'FieldErrors' },
    500: { description: 'No back end serves that model.', schema: 'Detail' },
  },
  unanswered: 'It could not be made durable.',
});

export const inferenceControlPaths: readonly Operation[] = [
  up('up', 'Starts inference.', { description: 'It serves.', schema: 'Done' }),
  up('up/async', 'Starts inference and does not wait.', { description: 'It serves.', schema: 'Starting' }),
  {
    method: 'get',
    path: `${root}/up/status`,
    half: 'management',
    listeners: management,
    summary: 'How far a start has come.',
    answers: {
      200: { description: 'Never on its way: back ends need no start.', schema: 'UpStatus' },
      409: conflict,
    },
  },
  {
    method: 'post',
    path: `${root}/down`,
    half: 'management',
    listeners: management,
    summary: 'Ends inference.',
    answers: { 200: { description: 'Ended, or it was not up.', schema: 'Done' }, 409: conflict },
    unanswered: 'It could not be made durable.',
  },
];
