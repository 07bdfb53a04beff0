import { describe, expect, test } from 'vitest';
import { callbackTarget, relayUrl } from '../../../src/server/relay/callback-target.ts';
import { rewriteInitUrl } from '../../../src/server/relay/init-url.ts';

describe('the target of callbacks', () => {
  test('is the origin of the url in the init call', () => {
    expect(callbackTarget('http://api:9100/v1/poc-batches')).toEqual({
      origin: 'http://api:9100',
      basePath: '/v1/poc-batches',
    });
  });
  test('is the origin of GONKA_CALLBACK_URL when that is set, the path staying the call’s', () => {
    expect(callbackTarget('http://api:9100/v1/poc-batches', 'http://10.0.0.5:19100/ignored')).toEqual({
      origin: 'http://10.0.0.5:19100',
      basePath: '/v1/poc-batches',
    });
  });
  test.each([
    ['http://api:9100/v2/poc-batches/org%252Fname', '/v2/poc-batches/org%252Fname'],
    ['http://api:9100/a/../b//c', '/a/../b//c'],
    ['http://api:9100/x/', '/x/'],
    ['http://api:9100', ''],
    ['https://api/p?q=a%20b', '/p?q=a%20b'],
  ])('keeps the path of %s byte for byte', (url, basePath) => {
    expect(callbackTarget(url).basePath).toBe(basePath);
    expect(relayUrl(7070, basePath)).toBe(`http://127.0.0.1:7070${basePath}`);
  });
  test.each([
    'ftp://api/x',
    'file:///etc/passwd',
    '/v1/poc-batches',
    'http://',
    'http://user:secret@api/x',
    'http://api/x#y',
    'http://api/x y',
    'http://api:99999/x',
    'http:\\\\api\\x',
  ])('refuses %s', (url) => {
    expect(() => callbackTarget(url)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
  });
  test('names the setting when that is the wrong one', () => {
    const act = () => callbackTarget('http://api:9100/x', 'api:9100');
    expect(act).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('the url in a relayed init body', () => {
  const raw = `{ "node_id":1, "r_target" : 1.40, "x":{"url":"inner"},"url" : "http://api:9100/v1/poc-batches" ,
    "fraud_threshold":1e-07,"params":{"rope_theta":10000.0,"name":"a\\"}b, \\"url\\":1"},"big":12345678901234567890}`;
  test('is replaced and nothing else, not one space or digit', () => {
    expect(rewriteInitUrl(raw, 'http://127.0.0.1:7070/v1/poc-batches')).toBe(
      raw.replace('http://api:9100', 'http://127.0.0.1:7070'),
    );
  });
  test('is found under an escaped name and in each of two places', () => {
    expect(rewriteInitUrl('{"\\u0075rl":[1,"]"],"url":null}', 'u')).toBe('{"\\u0075rl":"u","url":"u"}');
  });
  test('is left out when there is none', () => {
    expect(rewriteInitUrl('{}', 'u')).toBe('{}');
    expect(rewriteInitUrl(' {"a":{"url":1}} ', 'u')).toBe(' {"a":{"url":1}} ');
  });
});
