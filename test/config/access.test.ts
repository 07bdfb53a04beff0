import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { HybridError } from '../../src/errors.ts';

const enough = { HYPERBOLIC_API_KEY: 'k', RENTAL_POLICY: 'off', REGISTRATION: 'off' };
const load = (env: Record<string, string> = {}) =>
  loadConfig({ env: { ...enough, ...env }, cwd: '/nowhere' });
function faults(env: Record<string, string>): string {
  try {
    load(env);
  } catch (error) {
    return (error as HybridError).message;
  }
  throw new Error('the configuration was accepted');
}
const token = 'canary-0123456789abcdef';

describe('who may call the gateway', () => {
  it('is loopback and private addresses by default, for both halves, and no token', () => {
    const { access, limits } = load().config;
    expect(access.from.map(({ address, prefix }) => `${address}/${prefix}`)).toEqual([
      '127.0.0.0/8',
      '::1/128',
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      'fc00::/7',
      'fe80::/10',
    ]);
    expect(access).toMatchObject({ managementFrom: access.from, tokens: [], managementCallers: [] });
    expect(limits).toEqual({ inferenceBodyBytesMax: 16_000_000 });
  });

  it('may be told address by address, apart for management', () => {
    const { access } = load({
      ALLOW_FROM: 'LOOPBACK, 203.0.113.7 ,fd00::/8',
      ALLOW_MANAGEMENT_FROM: '::1',
    }).config;
    expect(access.from.slice(2)).toEqual([
      { address: '203.0.113.7', prefix: 32 },
      { address: 'fd00::', prefix: 8 },
    ]);
    expect(access.managementFrom).toEqual([{ address: '::1', prefix: 128 }]);
  });

  it.each(['10.0.0.0/33', '10.0.0', 'example.org', '10.0.0.0/8/8', '::1/129', '10.0.0.0/-1', '10.0.0.0/'])(
    'is not "%s"',
    (range) => {
      expect(faults({ ALLOW_FROM: range })).toContain(`${range} is neither`);
    },
  );

  it('is warned about when it is everybody', () => {
    const { warnings } = load({ ALLOW_FROM: 'any', ALLOW_MANAGEMENT_FROM: '0.0.0.0/0' });
    expect(warnings).toEqual([
      expect.stringContaining('ALLOW_FROM admits every address'),
      expect.stringContaining('stop this node'),
    ]);
  });
});

describe('tokens of callers', () => {
  it('are read by name and never shown', () => {
    const { config } = load({
      GATEWAY_TOKENS: `alice:${token}, bob:${token}2`,
      GATEWAY_MANAGEMENT_CALLERS: 'bob',
    });
    expect(config.access.tokens.map(({ name, token: secret }) => [name, secret.reveal()])).toEqual([
      ['alice', token],
      ['bob', `${token}2`],
    ]);
    expect(config.access.managementCallers).toEqual(['bob']);
    expect(JSON.stringify(config)).not.toContain('canary');
  });

  it.each([
    'alice',
    'alice:short',
    `:${token}`,
    `a b:${token}`,
    `alice:${token},alice:${token}2`,
    `a:${token},b:${token}`,
  ])('are refused as "%s", without showing it', (tokens) => {
    const message = faults({ GATEWAY_TOKENS: tokens });
    expect(message).toContain('GATEWAY_TOKENS');
    expect(message).not.toContain('canary');
  });

  it('must exist for whoever is named for management', () => {
    expect(faults({ GATEWAY_TOKENS: `alice:${token}`, GATEWAY_MANAGEMENT_CALLERS: 'alice,carol' })).toContain(
      'GATEWAY_MANAGEMENT_CALLERS names carol',
    );
  });
});

it('limits of callers are read as numbers', () => {
  const env = {
    CALLER_REQUESTS_PER_MINUTE: '60',
    CALLER_TOKENS_PER_DAY: '1000000',
    INFERENCE_MAX_BODY: '2.5',
  };
  expect(load(env).config.limits).toEqual({
    requestsPerMinute: 60,
    tokensPerDay: 1_000_000,
    inferenceBodyBytesMax: 2_500_000,
  });
});
