import { type Answer, management, type Operation } from './operation.ts';

const root = '/api/v1/inference/pow';
const noBackends: Answer = { description: 'No machine serves PoC v2.', schema: 'Detail' };
const wrongBody: Answer = { description: 'No JSON, or a field is wrong.', schema: 'FieldErrors' };

export const pocV2Paths: readonly Operation[] = [
  {
    method: 'get',
    path: `${root}/status`,
    half: 'management',
    listeners: management,
    summary: 'What PoC v2 does, from memory.',
    answers: { 200: { description: 'Idle, or nobody serves inference.', schema: 'PocV2Status' } },
  },
  {
    method: 'post',
    path: `${root}/stop`,
    half: 'management',
    listeners: management,
    summary: 'Ends PoC v2.',
    answers: { 200: { description: 'There is nothing to stop.', schema: 'PocV2Stopped' } },
  },
  {
    method: 'post',
    path: `${root}/init/generate`,
    half: 'management',
    listeners: management,
    summary: 'Starts to generate artifacts.',
    body: { schemas: ['PocV2Init'], isRequired: true },
    answers: { 422: wrongBody, 503: noBackends },
  },
  {
    method: 'post',
    path: `${root}/generate`,
    half: 'management',
    listeners: management,
    summary: 'Computes given nonces, and validates them where artifacts come along.',
    body: { schemas: ['PocV2Generate'], isRequired: true },
    answers: { 422: wrongBody, 503: noBackends },
  },
  {
    method: 'get',
    path: `${root}/generate/{requestId}`,
    half: 'management',
    listeners: management,
    summary: 'The result of a queued computation.',
    parameters: [
      { name: 'requestId', in: 'path', description: '`port:uuid`, as the queued answer named it.' },
    ],
    answers: {
      400: { description: 'Not of the form `port:uuid`.', schema: 'Detail' },
      404: { description: 'Nobody queued such a request.', schema: 'Detail' },
    },
  },
];
