import type { Operation } from './operation.ts';

const number = '^\\d{1,15}$';
const limit = {
  name: 'limit',
  in: 'query',
  description: 'How many at most.',
  pattern: '^([1-9]\\d?|[1-4]\\d\\d|500)$',
} as const;
const badQuery = { 400: { description: 'The query cannot be read.', schema: 'InspectionError' } } as const;
const common = { method: 'get', half: 'inspection', listeners: ['inspection'] } as const;

const orderRefusals = {
  400: { description: 'That is no order.', schema: 'InspectionError' },
  409: { description: 'It cannot be done now; the reason.', schema: 'InspectionError' },
  415: { description: 'That is no JSON.', schema: 'InspectionError' },
  413: { description: 'The order is too long.', schema: 'InspectionError' },
} as const;

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
    path: '/',
    half: 'open',
    summary: 'The page that shows all this; it asks for the token by itself.',
    answers: {
      200: { description: 'The page; or how to build it, as plain text.', alsoAs: 'text/html' },
    },
  },
  {
    ...common,
    path: '/assets/{name}',
    half: 'open',
    summary: 'What the page is made of.',
    parameters: [{ name: 'name', in: 'path', description: 'As the page names it.' }],
    answers: {
      200: { description: 'Script, style or picture.', alsoAs: 'text/javascript' },
      404: { description: 'There is no such file.', schema: 'InspectionError' },
    },
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
    path: '/v1/epochs',
    summary: 'PoCs, the highest index first: what was planned, what became of it, what it cost.',
    parameters: [{ name: 'before', in: 'query', description: 'Only lower indexes.', pattern: number }, limit],
    answers: { 200: { description: 'A page of them.', schema: 'Epochs' }, ...badQuery },
  },
  {
    ...common,
    path: '/v1/epochs/{index}',
    summary: 'One PoC with its leases and its journal, step by step.',
    parameters: [{ name: 'index', in: 'path', description: 'Index of the epoch.', pattern: number }],
    answers: {
      200: { description: 'The whole story.', schema: 'Epoch' },
      404: { description: 'There is no such epoch.', schema: 'InspectionError' },
    },
  },
  {
    ...common,
    path: '/v1/leases',
    summary: 'Rentals, the newest first.',
    parameters: [
      { name: 'before', in: 'query', description: 'Only older ones than this.', pattern: '^[0-9A-Z]{26}$' },
      limit,
    ],
    answers: { 200: { description: 'A page of them.', schema: 'Leases' }, ...badQuery },
  },
  {
    ...common,
    path: '/v1/journal',
    summary: 'A page of the journal’s past, the oldest entry first; `/v1/events` goes on from there.',
    parameters: [
      { name: 'row', in: 'query', description: 'Only of this row.', pattern: '^[a-z]{1,20}:\\d{1,9}$' },
      {
        name: 'before',
        in: 'query',
        description: 'Only older entries than this sequence number.',
        pattern: number,
      },
      limit,
    ],
    answers: { 200: { description: 'A page of it.', schema: 'Journal' }, ...badQuery },
  },
  {
    ...common,
    path: '/v1/money',
    summary: 'Spent, reserved, capped; what the last epochs cost.',
    answers: { 200: { description: 'In millionths of a dollar.', schema: 'Money' } },
  },
  {
    ...common,
    path: '/v1/nonces',
    summary: 'What came from the machines and went to the Network Node, over the time of one PoC.',
    parameters: [
      {
        name: 'epoch',
        in: 'query',
        description: 'Of that epoch; else of the newest that has any.',
        pattern: number,
      },
    ],
    answers: { 200: { description: 'Two series.', schema: 'Nonces' }, ...badQuery },
  },
  {
    ...common,
    path: '/v1/inference',
    summary: 'Traffic and latency of each back end over the last hour.',
    answers: { 200: { description: 'In real milliseconds.', schema: 'InferenceTraffic' } },
  },
  {
    ...common,
    path: '/v1/alerts',
    summary: 'What a person should know now, and what to do about it.',
    answers: { 200: { description: 'Those that are open.', schema: 'Alerts' } },
  },
  {
    ...common,
    path: '/v1/notices',
    summary: 'The channels of alerts, and the last messages to them.',
    answers: { 200: { description: 'Newest first.', schema: 'Notices' } },
  },
  {
    ...common,
    path: '/v1/hosts',
    summary: 'Machines that failed before, and the trust that is left.',
    answers: { 200: { description: 'Least trusted first.', schema: 'Hosts' } },
  },
  {
    ...common,
    path: '/v1/plan',
    summary: 'What will happen around the next PoC, what it costs, and why.',
    answers: { 200: { description: 'The plan; null before the first head.', schema: 'NextPlan' } },
  },
  {
    ...common,
    method: 'post',
    path: '/v1/orders/forgive',
    summary: 'Trusts one machine again, or all of them; exactly one field is given.',
    body: { schemas: ['ForgiveOrder'], isRequired: true },
    answers: {
      202: { description: 'So many were forgiven.', schema: 'Forgiven' },
      400: { description: 'That is no order.', schema: 'InspectionError' },
      413: { description: 'The order is too long.', schema: 'InspectionError' },
      415: { description: 'That is no JSON.', schema: 'InspectionError' },
    },
  },
  {
    ...common,
    path: '/v1/runbooks/{page}',
    half: 'open',
    summary: 'The page of one kind of alert; needs no token.',
    parameters: [{ name: 'page', in: 'path', description: 'The kind, with or without `.md`.' }],
    answers: {
      200: { description: 'Markdown.', alsoAs: 'text/markdown' },
      404: { description: 'There is no such page.', schema: 'InspectionError' },
    },
  },
  {
    ...common,
    path: '/metrics',
    summary: 'Everything that is measured, for Prometheus.',
    answers: {
      200: { description: 'Text format 0.0.4.', alsoAs: 'text/plain' },
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
    method: 'post',
    path: '/v1/orders/release',
    summary: 'Returns one machine, or all of them.',
    body: { schemas: ['ReleaseOrder'], isRequired: true },
    answers: { 202: { description: 'They were told to end.', schema: 'ReleaseOrdered' }, ...orderRefusals },
  },
  {
    ...common,
    method: 'post',
    path: '/v1/orders/rent',
    summary: 'Rents for the coming PoC now, whatever the plan says.',
    body: { schemas: ['RentOrder'], isRequired: true },
    answers: { 202: { description: 'The plan that holds now.', schema: 'RentOrdered' }, ...orderRefusals },
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
