import { type Answer, management, type Operation } from './operation.ts';

const root = '/api/v1/inference/pow';
const noBackends: Answer = {
  description: 'No machine serves PoC v2, or it is not to be reached.',
  schema: 'PocV2Refused',
};
const allRefused: Answer = { description: 'The machine refused it.', schema: 'PocV2Refused' };
const wrongBody: Answer = { description: 'No JSON, or a field is wrong.', schema: 'FieldErrors' };

export const pocV2Paths: readonly Operation[] = [
  {
    method: 'get',
    path: `${root}/status`,
    half: 'management',
    listeners: management,
    summary: 'What PoC v2 does, from memory.',
    answers: { 200: { description: 'As last seen, never asked anew.', schema: 'PocV2Status' } },
  },
  {
    method: 'post',
    path: `${root}/stop`,
    half: 'management',
    listeners: management,
    summary: 'Ends PoC v2.',
    answers: {
      200: { description: 'Stopped, or there is nothing to stop.', schema: 'PocV2Stopped' },
      503: noBackends,
    },
  },
  {
    method: 'post',
    path: `${root}/init/generate`,
    half: 'management',
    listeners: management,
    summary: 'Starts to generate artifacts.',
    body: { schemas: ['PocV2Init'], isRequired: true },
    answers: {
      200: { description: 'A machine took it and generates.', schema: 'PocV2Started' },
      422: wrongBody,
      502: allRefused,
      503: noBackends,
    },
  },
  {
    method: 'post',
    path: `${root}/generate`,
    half: 'management',
    listeners: management,
    summary: 'Computes given nonces, and validates them where artifacts come along.',
    body: { schemas: ['PocV2Generate'], isRequired: true },
    answers: {
      200: { description: 'Queued, or computed where it was waited for.', schema: 'PocV2Computation' },
      400: { description: 'Nonces are not those of the artifacts.', schema: 'PocV2Refused' },
      409: { description: 'Another model is deployed.', schema: 'PocV2Refused' },
      422: wrongBody,
      429: { description: 'Too many nonces are queued.', schema: 'PocV2Refused' },
      502: allRefused,
      503: noBackends,
    },
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
      200: { description: 'How far it is.', schema: 'PocV2Computation' },
      400: { description: 'Not of the form `port:uuid`.', schema: 'Detail' },
      404: { description: 'Nobody queued such a request.', schema: 'Detail' },
      502: allRefused,
      503: noBackends,
    },
  },
];
