import { describe, expect, it } from 'vitest';
import { runningPow } from '../../../src/wiring/poc/running-pow.ts';

const init = (url: string): string =>
  `{"node_id": 3, "node_count": "7", "block_hash": "A1", "block_height": 9, "public_key": "02ab", "batch_size": 100, "fraud_threshold": 1e-7, "r_target": 1e-07, "url": "${url}"}`;
const machines = [{ leaseId: 'L1', nodeId: 3, nodeCount: 7, standing: 'working' }] as const;

describe('what runs once a machine has taken an init body', () => {
  it('keeps the body as it came, and where its callbacks belong', () => {
    const body = init('http://api:9100/v1/poc-batches?x=%2F');
    expect(runningPow(machines, body, undefined)).toEqual({
      machines,
      initBody: body,
      blockHash: 'A1',
      blockHeight: 9,
      publicKey: '02ab',
      nodeId: 3,
      nodeCount: 7,
      callbackOrigin: 'http://api:9100',
      callbackPath: '/v1/poc-batches?x=%2F',
    });
  });

  it('sends callbacks to GONKA_CALLBACK_URL, path and query as they were', () => {
    const pow = runningPow(machines, init('http://api:9100/v1/poc-batches'), 'http://10.0.0.4:19100');
    expect(pow).toMatchObject({ callbackOrigin: 'http://10.0.0.4:19100', callbackPath: '/v1/poc-batches' });
  });

  it('is refused for a url that is none', () => {
    expect(() => runningPow(machines, init('ftp://api/'), undefined)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', message: expect.stringContaining('"url"') }),
    );
  });
});
