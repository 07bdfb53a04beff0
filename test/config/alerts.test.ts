import { describe, expect, it } from 'vitest';
import { HybridError } from '../../src/errors.ts';
import { configWith } from '../wiring/settings.ts';

const faults = (settings: Record<string, string>): string => {
  try {
    configWith(settings);
  } catch (error) {
    return (error as HybridError).message;
  }
  throw new Error('the configuration was accepted');
};

describe('settings of alerts', () => {
  it('tell nobody by default, from warnings on, with a reminder every six hours', () => {
    expect(configWith().alerts).toEqual({
      isEnabled: true,
      minSeverity: 'warning',
      reminderMs: 21_600_000,
      pocBlocks: 100,
    });
  });

  it('bring back the former ALERT_EMAIL, which now needs a mail server, and mail its first recipient', () => {
    expect(faults({ ENABLE_ALERTS: 'true', ALERT_EMAIL: 'you@example.org' })).toContain(
      'ALERT_SMTP_HOST is not set (required when ALERT_EMAIL is set)',
    );
    const { mail } = configWith({
      ALERT_EMAIL: 'you@example.org, me@example.org',
      ALERT_SMTP_HOST: 'smtp.example.org',
    }).alerts;
    expect(mail).toEqual({
      to: ['you@example.org', 'me@example.org'],
      from: 'you@example.org',
      host: 'smtp.example.org',
      port: 587,
      tls: 'auto',
    });
  });

  it.each([
    [{ ALERT_TELEGRAM_TOKEN: '7:abc' }, 'ALERT_TELEGRAM_CHAT is not set'],
    [{ ALERT_TELEGRAM_CHAT: '7' }, 'ALERT_TELEGRAM_TOKEN is not set'],
    [{ ALERT_WEBHOOK_SECRET: 'x' }, 'ALERT_WEBHOOK_URL is not set'],
    [
      { ALERT_EMAIL: 'a@b.c', ALERT_SMTP_HOST: 'h', ALERT_SMTP_USERNAME: 'u' },
      'ALERT_SMTP_PASSWORD is not set',
    ],
    [
      {
        ALERT_EMAIL: 'a@b.c',
        ALERT_SMTP_HOST: 'h',
        ALERT_SMTP_USERNAME: 'u',
        ALERT_SMTP_PASSWORD: 'p',
        ALERT_SMTP_TLS: 'none',
      },
      'no password is sent',
    ],
    [{ ALERT_EMAIL: 'not an address', ALERT_SMTP_HOST: 'h' }, 'must list mail addresses'],
    [{ ALERT_DISCORD_URL: 'discord' }, 'must be an http or https URL'],
    [{ ALERTS_MIN_SEVERITY: 'severe' }, 'must be one of info, warning, critical'],
    [{ ENABLE_ALERTS: 'perhaps' }, 'must be true or false'],
  ])('are refused where they cannot work: %o', (settings, message) => {
    expect(faults(settings)).toContain(message);
  });

  it('can be switched off in each of the usual ways', () => {
    for (const ENABLE_ALERTS of ['false', 'off', 'no', '0'])
      expect(configWith({ ENABLE_ALERTS }).alerts.isEnabled).toBe(false);
  });
});
