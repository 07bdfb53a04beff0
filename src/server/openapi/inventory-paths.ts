import { type Answer, management, type Operation } from './operation.ts';

const wrongBody: Answer = { description: 'No JSON, or a field is wrong.', schema: 'FieldErrors' };
const conflict: Answer = { description: 'Another service runs.', schema: 'Detail' };
const common = { half: 'management', listeners: management } as const;

/** Models, GPUs and training: what the node has, and what it has not. */
export const inventoryPaths: readonly Operation[] = [
  {
    ...common,
    method: 'post',
    path: '/api/v1/models/status',
    summary: 'Whether a model is there: one in the real form, several in that of the earlier automation.',
    body: { schemas: ['Model', 'ModelNames'], isRequired: false },
    answers: {
      200: { description: 'A model is there while a back end serves it.', schema: 'ModelStatusOrTable' },
      422: wrongBody,
    },
  },
  {
    ...common,
    method: 'post',
    path: '/api/v1/models/download',
    summary: 'Asks for a model; nothing is ever downloading.',
    body: { schemas: ['Model'], isRequired: true },
    answers: { 202: { description: 'There, or not to be had.', schema: 'ModelDownload' }, 422: wrongBody },
  },
  {
    ...common,
    method: 'delete',
    path: '/api/v1/models',
    summary: 'Deletes a model.',
    body: { schemas: ['Model'], isRequired: true },
    answers: { 404: { description: 'There is no cache.', schema: 'Detail' }, 422: wrongBody },
  },
  {
    ...common,
    method: 'get',
    path: '/api/v1/models/list',
    summary: 'The models that are there.',
    answers: { 200: { description: 'The expected one while a back end serves it.', schema: 'ModelList' } },
  },
  {
    ...common,
    method: 'get',
    path: '/api/v1/models/space',
    summary: 'The size of the model cache.',
    answers: { 200: { description: 'There is none.', schema: 'ModelSpace' } },
  },
  {
    ...common,
    method: 'get',
    path: '/api/v1/gpu/devices',
    summary: 'GPUs of the machine that stays attached.',
    answers: { 200: { description: 'Empty while there is none.', schema: 'GpuDevices' } },
  },
  {
    ...common,
    method: 'get',
    path: '/api/v1/gpu/driver',
    summary: 'The GPU driver.',
    answers: { 503: { description: 'This node has no GPU of its own.', schema: 'Detail' } },
  },
  {
    ...common,
    method: 'post',
    path: '/api/v1/train/start',
    summary: 'Starts training.',
    body: { schemas: ['Training'], isRequired: true },
    answers: {
      400: { description: 'This node does not train.', schema: 'Detail' },
      409: conflict,
      422: wrongBody,
    },
  },
  {
    ...common,
    method: 'post',
    path: '/api/v1/train/stop',
    summary: 'Ends training.',
    answers: { 400: { description: 'None runs.', schema: 'Detail' }, 409: conflict },
  },
  {
    ...common,
    method: 'get',
    path: '/api/v1/train/status',
    summary: 'Whether training runs.',
    answers: { 200: { description: 'It does not.', schema: 'TrainStatus' }, 409: conflict },
  },
];
