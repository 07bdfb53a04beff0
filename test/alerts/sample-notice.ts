import type { Notice } from '../../src/alerts/notice.ts';

export const sampleNotice: Notice = {
  id: '01k0-1',
  incident: '01k0',
  event: 'raised',
  kind: 'leak',
  severity: 'critical',
  title: 'A rented machine is not proven gone',
  message: 'instance 7 is not destroyed yet: <timeout> & more',
  advice: 'Look at the instance.',
  runbook: 'http://127.0.0.1:9220/v1/runbooks/leak.md',
  code: 'VAST_UNREACHABLE',
  key: 'destroy:L1',
  node: 'node-1',
  since: '2026-01-01T00:00:00.000Z',
  at: '2026-01-01T00:00:20.000Z',
};
