import { type Answer, inference, management, type Operation } from './operation.ts';

const form = (path: string, listeners: Operation['listeners']): Operation => ({
  method: 'get',
  path,
  half: 'management',
  listeners,
  summary: 'The ML node’s own health.',
  answers: {
    200: { description: 'Healthy.', schema: 'Health' },
    503: { description: 'Inference is up and has no back end.', schema: 'Health' },
  },
});

const vllm = (path: string): Operation => ({
  method: 'get',
  path,
  half: 'inference',
  listeners: inference,
  summary: 'vLLM’s health, as the Network Node polls it: the status says everything.',
  answers: {
    200: { description: 'Inference is served; empty.' },
    503: { description: 'It is not; empty.' },
  },
});

const isReady: Answer = { description: 'Ready.', schema: 'Ready' };

export const healthPaths: readonly Operation[] = [
  vllm('/health'),
  vllm('/v1/health'),
  form('/health', ['management']),
  form('/livez', management),
  form('/api/v1/health', management),
  {
    method: 'get',
    path: '/readyz',
    half: 'management',
    listeners: management,
    summary: 'Whether calls would be served.',
    answers: { 200: isReady, 503: { ...isReady, description: 'Not ready.' } },
  },
];
