import { z } from 'zod';
import { Secret } from '../secret.ts';
import { blockCount, milliseconds, type Milliseconds } from '../units.ts';
import type { AlertsConfig, MailConfig } from './alerts-config.ts';
import * as values from './value-schemas.ts';

const yes = ['true', 'on', 'yes', '1'];
const no = ['false', 'off', 'no', '0'];

const onOff = z
  .string()
  .refine((value) => [...yes, ...no].includes(value.toLowerCase()), 'must be true or false')
  .transform((value) => yes.includes(value.toLowerCase()));

const secretUrl = z
  .string()
  .refine((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''), 'must be an http or https URL')
  .transform((value) => new Secret(value));

const secret = values.text.transform((value) => new Secret(value));

const address = /^[^\s@,<>"']+@[^\s@,<>"']+$/;
const addresses = z
  .string()
  .transform((value) => value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])))
  .refine((list) => list.length > 0 && list.every((each) => address.test(each)), 'must list mail addresses');

/** The settings of alerts by name, from text to value. */
export const alertSchemas = {
  ENABLE_ALERTS: onOff,
  ALERTS_MIN_SEVERITY: values.choice(['info', 'warning', 'critical']),
  ALERT_REMINDER: values
    .decimal(0, 720, 'a number of hours')
    .transform((hours): Milliseconds => milliseconds(hours * 3_600_000)),
  ALERT_POC_BLOCKS: values.count(1, 100_000).transform(blockCount),
  ALERT_RUNBOOK_URL: values.baseUrl.transform((url) => `${url}/`).optional(),
  ALERT_WEBHOOK_URL: secretUrl.optional(),
  ALERT_WEBHOOK_SECRET: secret.optional(),
  ALERT_TELEGRAM_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]+$/, 'must be a bot token, digits:letters')
    .transform((value) => new Secret(value))
    .optional(),
  ALERT_TELEGRAM_CHAT: z
    .string()
    .regex(/^(-?\d+|@\w+)$/, 'must be the number of a chat or @name')
    .optional(),
  ALERT_TELEGRAM_BASE_URL: values.baseUrl,
  ALERT_DISCORD_URL: secretUrl.optional(),
  ALERT_SLACK_URL: secretUrl.optional(),
  ALERT_EMAIL: addresses.optional(),
  ALERT_SMTP_HOST: values.text.optional(),
  ALERT_SMTP_PORT: values.port,
  ALERT_SMTP_TLS: values.choice(['auto', 'tls', 'starttls', 'none']),
  ALERT_SMTP_USERNAME: values.text.optional(),
  ALERT_SMTP_PASSWORD: secret.optional(),
  ALERT_SMTP_FROM: z.string().regex(address, 'must be a mail address').optional(),
};

const all = z.object(alertSchemas);
export type AlertValues = z.output<typeof all>;

/** The checked settings as the daemon uses them. */
export function alertsConfig(values: AlertValues): AlertsConfig {
  const { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: signing } = values;
  const { ALERT_TELEGRAM_TOKEN: token, ALERT_TELEGRAM_CHAT: chat } = values;
  const mail = mailConfig(values);
  return {
    isEnabled: values.ENABLE_ALERTS,
    minSeverity: values.ALERTS_MIN_SEVERITY,
    reminderMs: values.ALERT_REMINDER,
    pocBlocks: values.ALERT_POC_BLOCKS,
    ...(values.ALERT_RUNBOOK_URL === undefined ? {} : { runbookUrl: values.ALERT_RUNBOOK_URL }),
    ...(url === undefined ? {} : { webhook: { url, ...(signing === undefined ? {} : { secret: signing }) } }),
    ...(token === undefined || chat === undefined
      ? {}
      : { telegram: { token, chat, baseUrl: values.ALERT_TELEGRAM_BASE_URL } }),
    ...(values.ALERT_DISCORD_URL === undefined ? {} : { discordUrl: values.ALERT_DISCORD_URL }),
    ...(values.ALERT_SLACK_URL === undefined ? {} : { slackUrl: values.ALERT_SLACK_URL }),
    ...(mail === undefined ? {} : { mail }),
  };
}

function mailConfig(values: AlertValues): MailConfig | undefined {
  const { ALERT_EMAIL: to, ALERT_SMTP_HOST: host } = values;
  const { ALERT_SMTP_USERNAME: username, ALERT_SMTP_PASSWORD: password } = values;
  if (to === undefined || host === undefined) return undefined;
  return {
    to,
    from: values.ALERT_SMTP_FROM ?? to[0] ?? '',
    host,
    port: values.ALERT_SMTP_PORT,
    tls: values.ALERT_SMTP_TLS,
    ...(username === undefined || password === undefined ? {} : { login: { username, password } }),
  };
}

/** What is wrong between settings of alerts that are each right. */
export function alertContradictions(values: Partial<AlertValues>): readonly string[] {
  const list: string[] = [];
  const needs = (name: keyof AlertValues, other: keyof AlertValues): void => {
    if (values[name] !== undefined && values[other] === undefined)
      list.push(`${other} is not set (required when ${name} is set)`);
  };
  needs('ALERT_TELEGRAM_TOKEN', 'ALERT_TELEGRAM_CHAT');
  needs('ALERT_TELEGRAM_CHAT', 'ALERT_TELEGRAM_TOKEN');
  needs('ALERT_EMAIL', 'ALERT_SMTP_HOST');
  needs('ALERT_SMTP_HOST', 'ALERT_EMAIL');
  needs('ALERT_SMTP_USERNAME', 'ALERT_SMTP_PASSWORD');
  needs('ALERT_SMTP_PASSWORD', 'ALERT_SMTP_USERNAME');
  needs('ALERT_WEBHOOK_SECRET', 'ALERT_WEBHOOK_URL');
  if (values.ALERT_SMTP_TLS === 'none' && values.ALERT_SMTP_PASSWORD !== undefined)
    list.push('ALERT_SMTP_TLS is none, and then no password is sent: unset ALERT_SMTP_PASSWORD or encrypt');
  return list;
}
