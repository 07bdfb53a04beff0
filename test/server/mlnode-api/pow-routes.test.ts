import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServiceView } from '../../../src/server/mlnode-api/desk.ts';
import { gatewayCase, type GatewayCase, initBody, model } from '../gateway-case.ts';

const stopped: ServiceView = { state: 'STOPPED', pow: null, isInferenceHealthy: true, expectedModel: model };
let gateway: GatewayCase;
beforeEach(async () => {
  gateway = await gatewayCase();
  gateway.desk.now = stopped;
});
afterEach(() => gateway.app.close());

const detailOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { detail: unknown }).detail;

describe('init calls', () => {
  test('reach the desk with their raw text, fields of tomorrow included', async () => {
    const raw = JSON.stringify(initBody).replace('1.398077', '1.39807700');
    const response = await gateway.post('/v3.0.8/api/v1/pow/init/generate', raw);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'OK' });
    expect(gateway.desk.calls).toEqual([`init/generate ${raw}`]);
  });

  test('are read without a Content-Type and with any, a malformed one included', async () => {
    const raw = JSON.stringify(initBody);
    await gateway.post('/api/v1/pow/init/validate', raw, { 'content-type': 'text/plain' });
    await gateway.post('/api/v1/pow/init/validate', raw, { 'content-type': ';;;' });
    await new Promise<void>((resolve, reject) => {
      const call = httpRequest(`${gateway.origin}/api/v1/pow/init/validate`, { method: 'POST' }, (answer) => {
        answer.resume().on('end', resolve);
      });
      call.on('error', reject).end(raw);
    });
    expect(gateway.desk.calls).toEqual(Array(3).fill(`init/validate ${raw}`));
  });

  test.each([
    [{ block_hash: undefined }, { type: 'missing', loc: ['body', 'block_hash'], msg: 'Field required' }],
    [
      { block_height: 'high' },
      {
        type: 'int_parsing',
        loc: ['body', 'block_height'],
        msg: 'Input should be a valid integer, unable to parse string as an integer',
      },
    ],
    [
      { block_height: 1.5 },
      {
        type: 'int_from_float',
        loc: ['body', 'block_height'],
        msg: 'Input should be a valid integer, got a number with a fractional part',
      },
    ],
    [
      { r_target: [] },
      { type: 'float_type', loc: ['body', 'r_target'], msg: 'Input should be a valid number' },
    ],
    [
      { params: 7 },
      {
        type: 'model_attributes_type',
        loc: ['body', 'params'],
        msg: 'Input should be a valid dictionary or object to extract fields from',
      },
    ],
    [
      { url: 'ftp://api/x' },
      { type: 'url_type', loc: ['body', 'url'], msg: 'Input should be a valid http(s) URL' },
    ],
  ])('with %j are answered 422 with the list of what is wrong', async (change, error) => {
    const response = await gateway.post('/api/v1/pow/init', { ...initBody, ...change });
    expect(response.status).toBe(422);
    expect(await detailOf(response)).toEqual([error]);
    expect(gateway.desk.calls).toEqual([]);
  });

  test('without JSON are answered 422', async () => {
    const broken = await gateway.post('/api/v1/pow/init', '{"node_id":');
    expect([broken.status, await detailOf(broken)]).toMatchObject([422, [{ type: 'json_invalid' }]]);
    const empty = await gateway.post('/api/v1/pow/init');
    expect([empty.status, await detailOf(empty)]).toMatchObject([422, [{ type: 'missing', loc: ['body'] }]]);
    const list = await gateway.post('/api/v1/pow/init', '[]');
    expect([list.status, await detailOf(list)]).toMatchObject([422, [{ loc: ['body'] }]]);
  });

  test('may have their numbers as strings, which are relayed as they came', async () => {
    const raw = JSON.stringify({
      ...initBody,
      node_id: '1',
      node_count: ' 2.0 ',
      block_height: '2_089_140',
      batch_size: true,
      r_target: '1.398077',
      fraud_threshold: '1e-7',
    });
    expect((await gateway.post('/api/v1/pow/init/generate', raw)).status).toBe(200);
    expect(gateway.desk.calls).toEqual([`init/generate ${raw}`]);
    const unset = await gateway.post('/api/v1/pow/init/generate', { ...initBody, node_count: '-1' });
    expect(unset.status).toBe(400);
  });

  test('to generate need a node id and a node count; the two others do not', async () => {
    const { node_id: _id, ...withoutId } = initBody;
    const response = await gateway.post('/api/v1/pow/init/generate', withoutId);
    expect(response.status).toBe(400);
    expect(await detailOf(response)).toBe('Node ID and node count must be set');
    expect((await gateway.post('/api/v1/pow/init/validate', withoutId)).status).toBe(200);
    expect((await gateway.post('/api/v1/pow/init', { ...initBody, node_count: -1 })).status).toBe(200);
  });
});

test.each(['phase/generate', 'phase/validate', 'stop'])('pow/%s needs no body', async (call) => {
  expect((await gateway.post(`/api/v1/pow/${call}`)).status).toBe(200);
  expect(gateway.desk.calls).toEqual([call]);
});

test('pow/validate passes a batch on and needs all of it', async () => {
  const raw =
    '{"public_key":"02ff","block_hash":"AB","block_height":"7","nonces":[1, 2],"dist":[1.0, "2"],"node_id":1}';
  expect((await gateway.post('/api/v1/pow/validate', raw)).status).toBe(200);
  for (const broken of [
    'nonces',
    '{"nonces":[1]}',
    raw.replace('[1, 2]', '[1.5]'),
    raw.replace('[1, 2]', '1'),
  ]) {
    expect((await gateway.post('/api/v1/pow/validate', broken)).status).toBe(422);
  }
  expect(gateway.desk.calls).toEqual([`validate ${raw}`]);
});

test('the answer of the machine passes as it is, an error included', async () => {
  gateway.desk.powReply = async () => ({ kind: 'answer', status: 503, body: '{"detail":"no  GPU"}' });
  const response = await gateway.post('/api/v1/pow/init/generate', initBody);
  expect([response.status, await response.text()]).toEqual([503, '{"detail":"no  GPU"}']);
  expect(response.headers.get('content-type')).toContain('application/json');
});

describe('while another service runs', () => {
  const conflict =
    'Cannot run POW because MLNode is currently in ServiceState.INFERENCE mode. Please stop ServiceState.INFERENCE first.';
  beforeEach(() => {
    gateway.desk.now = { ...stopped, state: 'INFERENCE' };
  });
  test.each([
    'init',
    'init/generate',
    'init/validate',
    'phase/generate',
    'phase/validate',
    'validate',
    'stop',
  ])('pow/%s is a conflict', async (call) => {
    const response = await gateway.post(`/api/v1/pow/${call}`, initBody);
    expect([response.status, await detailOf(response)]).toEqual([409, conflict]);
    expect(gateway.desk.calls).toEqual([]);
  });
  test('so is its status', async () => {
    const response = await gateway.get('/api/v1/pow/status');
    expect([response.status, await detailOf(response)]).toEqual([409, conflict]);
  });
});

test('pow/status tells what is presented', async () => {
  const status = async (): Promise<unknown> => (await gateway.get('/v3.0.8/api/v1/pow/status')).json();
  expect(await status()).toEqual({ status: 'NOT_LOADED' });
  gateway.desk.now = { ...stopped, state: 'POW', pow: { status: 'GENERATING', isModelInitialized: false } };
  expect(await status()).toEqual({ status: 'GENERATING', is_model_initialized: false });
});

describe('a call that no machine took', () => {
  const heard = (body: string): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      const socket = connect(gateway.port, '127.0.0.1', () => {
        socket.write(
          `POST /api/v1/pow/init/generate HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
      });
      socket.on('data', (bytes) => {
        text += bytes.toString();
      });
      socket.on('error', () => undefined).on('close', () => resolve(text));
    });

  test('is left unanswered and the connection closed', async () => {
    gateway.desk.powReply = async () => ({ kind: 'silence' });
    expect(await heard(JSON.stringify(initBody))).toBe('');
  });

  test('is left unanswered too when the desk fails, since a 500 would count as done', async () => {
    gateway.desk.powReply = () => Promise.reject(new Error('disk full'));
    expect(await heard(JSON.stringify(initBody))).toBe('');
    expect(gateway.log.join('')).toContain('"call":"pow/init/generate"');
  });
});
