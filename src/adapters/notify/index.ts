import type { AlertsConfig } from '../../config/alerts-config.ts';
import { createOfetchTransport } from '../ofetch-transport.ts';
import {
  createDiscordChannel,
  createSlackChannel,
  createTelegramChannel,
  createWebhookChannel,
} from './http.ts';
import type { Channel } from './interface.ts';
import { createMailChannel } from './smtp.ts';

/** Every channel that is configured; none when alerts are off. */
export function createChannels(config: AlertsConfig): readonly Channel[] {
  if (!config.isEnabled) return [];
  const transport = createOfetchTransport();
  const { webhook, telegram, discordUrl, slackUrl, mail } = config;
  return [
    ...(webhook === undefined ? [] : [createWebhookChannel(webhook, transport)]),
    ...(telegram === undefined ? [] : [createTelegramChannel(telegram, transport)]),
    ...(discordUrl === undefined ? [] : [createDiscordChannel(discordUrl, transport)]),
    ...(slackUrl === undefined ? [] : [createSlackChannel(slackUrl, transport)]),
    ...(mail === undefined ? [] : [createMailChannel(mail)]),
  ];
}
