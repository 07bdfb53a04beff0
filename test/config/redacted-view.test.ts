import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { redactedView } from '../../src/config/redacted-view.ts';
import { HybridError } from '../../src/errors.ts';

const env = {
  HYPERBOLIC_API_KEY: 'canary-hyperbolic',
  VASTAI_API_KEY: 'canary-vast',
  VASTAI_SSH_KEY_PATH: '/key',
  VPS_IP: '10.0.0.21',
  INSPECTION_TOKEN: 'canary-inspection',
  ALERT_WEBHOOK_URL: 'https://hook.example.org/canary-hook',
  ALERT_WEBHOOK_SECRET: 'canary-signing',
  ALERT_TELEGRAM_TOKEN: '7:canary-telegram',
  ALERT_TELEGRAM_CHAT: '-100',
  ALERT_DISCORD_URL: 'https://discord.example.org/canary-discord',
  ALERT_SLACK_URL: 'https://slack.example.org/canary-slack',
  ALERT_EMAIL: 'host@example.org',
  ALERT_SMTP_HOST: 'mail.example.org',
  ALERT_SMTP_USERNAME: 'ghm',
  ALERT_SMTP_PASSWORD: 'canary-password',
};

it('no way of printing a configuration shows a secret', () => {
  const { config } = loadConfig({ env, cwd: '/nowhere' });
  const shown = [
    JSON.stringify(config),
    inspect(config, { depth: null }),
    JSON.stringify(redactedView(config)),
  ];
  for (const text of shown) {
    expect(text).toContain('[redacted]');
    expect(text).not.toContain('canary');
  }
});

it('the view tells a key that is set from one that is not', () => {
  const off = loadConfig({
    env: { HYPERBOLIC_API_KEY: 'k', RENTAL_POLICY: 'off', REGISTRATION: 'off' },
    cwd: '/nowhere',
  });
  expect(redactedView(off.config)).toMatchObject({
    vast: { apiKey: null },
    upstream: { apiKey: '[redacted]' },
  });
});

it('no error about a secret repeats it', () => {
  const wrong = {
    ...env,
    ALERT_SMTP_PASSWORD: 'canary-mail',
    ALERT_DISCORD_URL: 'canary-discord',
    HYPERBOLIC_BASE_URL: 'nonsense',
  };
  try {
    loadConfig({ env: wrong, cwd: '/nowhere' });
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(HybridError);
    expect((error as HybridError).message).toContain('ALERT_DISCORD_URL');
    expect(inspect(error, { depth: null })).not.toContain('canary');
  }
});
