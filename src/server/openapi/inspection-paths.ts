import type { Operation } from './operation.ts';

const common = { method: 'get', half: 'inspection', listeners: ['inspection'] } as const;

/** What the daemon knows, for its operator; and the document, on every listener that is not for inference alone. */
export const inspectionPaths: readonly Operation[] = [
  {
    ...common,
    path: '/livez',
    half: 'open',
    summary: 'Whether the daemon lives; needs no token.',
    answers: { 200: { description: 'It does.', schema: 'Alive' } },
  },
  {
    ...common,
    path: '/v1/state',
    summary: 'Everything that the daemon knows.',
    answers: {
      200: { description: 'Every chart, what happens next, leases, money.', schema: 'InspectionState' },
    },
  },
  {
    ...common,
    path: '/v1/machines/{id}/diagram',
    summary: 'A row’s chart as Mermaid, its active states marked.',
    parameters: [{ name: 'id', in: 'path', description: 'Id of the row.' }],
    answers: {
      200: { description: 'Mermaid.', alsoAs: 'text/plain' },
      404: { description: 'There is no such row.', schema: 'InspectionError' },
    },
  },
  {
    ...common,
    path: '/v1/events',
    summary: 'The journal as server-sent events, without end.',
    parameters: [
      {
        name: 'after',
        in: 'query',
        description: 'Starts behind this sequence number.',
        pattern: '^\\d{1,15}$',
      },
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'As `after`, and before it.',
        pattern: '^\\d{1,15}$',
      },
    ],
    answers: {
      200: { description: 'One event a step.', alsoAs: 'text/event-stream', event: 'JournalEntry' },
      400: { description: 'That is no sequence number.', schema: 'InspectionError' },
      503: { description: 'Too many readers.', schema: 'InspectionError' },
    },
  },
  {
    ...common,
    path: '/openapi.json',
    summary: 'This document, as far as this listener goes.',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: 'OpenApi' } },
  },
  {
    ...common,
    half: 'management',
    listeners: ['shared', 'management'],
    path: '/openapi.json',
    summary: 'This document, as far as this listener goes.',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: 'OpenApi' } },
  },
];
