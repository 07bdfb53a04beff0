import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gatewayPath } from '../../../src/server/mlnode-api/path-rules.ts';

const served = [
  '/api/v1/state',
  '/api/v1/stop',
  '/api/v1/pow/init/generate',
  '/api/v1/inference/pow/status',
  '/api/v1/models/status',
  '/health',
  '/livez',
  '/v1/models',
  '/v1/chat/completions',
  '/tokenize',
];
const path = fc.constantFrom(...served);
const number = fc.nat(999);
const version = fc
  .tuple(
    number,
    fc.array(number, { minLength: 1, maxLength: 3 }),
    fc.option(fc.stringMatching(/^[a-z0-9]{1,8}$/)),
  )
  .map(([major, rest, suffix]) => `/v${[major, ...rest].join('.')}${suffix === null ? '' : `-${suffix}`}`);
const query = fc.webQueryParameters().map((text) => (text === '' ? '' : `?${text}`));

describe('the path rule', () => {
  test('reads every served path the same with any version in front', () => {
    fc.assert(fc.property(path, version, (at, prefix) => gatewayPath(prefix + at) === at));
  });

  test('folds a doubled prefix, with and without a version', () => {
    fc.assert(
      fc.property(path, fc.option(version), (at, prefix) => {
        const doubled = at.startsWith('/api/v1/') ? `/api/v1${at}` : at.startsWith('/v1/') ? `/v1${at}` : at;
        return gatewayPath((prefix ?? '') + doubled) === at;
      }),
    );
  });

  test('leaves the query as it is, byte for byte', () => {
    fc.assert(
      fc.property(
        path,
        version,
        query,
        (at, prefix, asked) => gatewayPath(prefix + at + asked) === at + asked,
      ),
    );
  });

  test('takes away nothing but a beginning, whatever comes', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.webPath(), (url, other) =>
        [url, other].every((text) => text.endsWith(gatewayPath(text))),
      ),
    );
  });

  test('lets nobody reach a served path through a first segment that is no version', () => {
    const segment = fc.webSegment().filter((text) => !/^v\d+(\.\d+)+(-[a-z0-9]+)?$/.test(text));
    fc.assert(
      fc.property(segment, path, (first, at) => {
        const read = gatewayPath(`/${first}${at}`);
        const isFolded =
          (first === 'v1' && at.startsWith('/v1/')) || (first === 'api' && at === '/v1/chat/completions');
        return isFolded || !served.includes(read);
      }),
    );
  });

  test('never folds twice', () => {
    expect(gatewayPath('/api/v1/api/v1/api/v1/state')).toBe('/api/v1/api/v1/state');
    expect(gatewayPath('/v3.0.8/v3.0.8/api/v1/state')).toBe('/v3.0.8/api/v1/state');
  });
});
