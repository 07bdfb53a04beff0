import { management, type Operation } from './operation.ts';

export const servicePaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/state',
    half: 'management',
    listeners: management,
    summary: 'What the node does at the moment.',
    answers: { 200: { description: 'All fields of every version at once.', schema: 'State' } },
  },
  {
    method: 'get',
    path: '/api/v1/versions',
    half: 'management',
    listeners: management,
    summary: 'The version of this program, in the place of the image’s.',
    answers: { 200: { description: 'No vLLM runs here.', schema: 'Versions' } },
  },
  {
    method: 'post',
    path: '/api/v1/stop',
    half: 'management',
    listeners: management,
    summary: 'Stops whatever runs.',
    answers: { 200: { description: 'Stopped, or nothing ran.', schema: 'Done' } },
    unanswered: 'It could not be made durable.',
  },
];
