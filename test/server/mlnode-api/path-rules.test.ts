import { expect, test } from 'vitest';
import { gatewayPath } from '../../../src/server/mlnode-api/path-rules.ts';

test.each([
  ['/api/v1/state', '/api/v1/state'],
  ['/v3.0.8/api/v1/state', '/api/v1/state'],
  ['/v3.0.14-post2/api/v1/pow/init', '/api/v1/pow/init'],
  ['/v3.0.8/health', '/health'],
  ['/v3.0.8/v1/chat/completions?x=%252F', '/v1/chat/completions?x=%252F'],
  ['/v1/models', '/v1/models'],
  ['/api/v1/api/v1/state', '/api/v1/state'],
  ['/v3.0.8/api/v1/api/v1/stop', '/api/v1/stop'],
  ['/v1/v1/models', '/v1/models'],
  ['/v3.0.8/v1/v1/models', '/v1/models'],
  ['/api/v1/chat/completions', '/v1/chat/completions'],
  ['/v3.0.8/api/v1/completions?x=1', '/v1/completions?x=1'],
])('%s is read as %s', (url, path) => {
  expect(gatewayPath(url)).toBe(path);
});

test.each([
  '/evil/api/v1/stop',
  '/v1/api/v1/stop',
  '/v3/api/v1/stop',
  '/3.0.8/api/v1/stop',
  '/v3.0.8-POST2/api/v1/stop',
  '/v3.0.8x/api/v1/stop',
  '/v3.0.8',
  '//api/v1/stop',
  '/api/v1/completions/more',
  '/api/v1/tokenize',
])('%s stays as it is and finds no route', (url) => {
  expect(gatewayPath(url)).toBe(url);
});

test('a second prefix and a third repetition stay', () => {
  expect(gatewayPath('/v3.0.8/v3.0.9/health')).toBe('/v3.0.9/health');
  expect(gatewayPath('/v1/v1/v1/models')).toBe('/v1/v1/models');
});
