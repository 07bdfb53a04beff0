import { createHmac } from 'node:crypto';
import type { Notice } from '../../alerts/notice.ts';
import type { TelegramConfig, WebhookConfig } from '../../config/alerts-config.ts';
import { type ErrorCode, HybridError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import type { Transport, WireResponse } from '../transport.ts';
import type { Channel, ChannelName } from './interface.ts';
import { noticeSign, noticeSubject, noticeText, shortened } from './notice-text.ts';

/** Of one message, real milliseconds. */
const sendTimeoutMs = 15_000;

/** Any address that takes JSON: the notice as it is (docs/operating.md "Alerts"). */
export function createWebhookChannel({ url, secret }: WebhookConfig, transport: Transport): Channel {
  return channel('webhook', transport, (notice) => {
    const body = JSON.stringify(notice);
    const signature = secret && createHmac('sha256', secret.reveal()).update(body).digest('hex');
    return {
      url: url.reveal(),
      body,
      headers: {
        'idempotency-key': notice.id,
        ...(signature === undefined ? {} : { 'x-hybrid-signature': `sha256=${signature}` }),
      },
    };
  });
}

/** A bot of Telegram: `sendMessage`, plain text, at most 4096 characters (core.telegram.org/bots/api). */
export function createTelegramChannel(
  { token, chat, baseUrl }: TelegramConfig,
  transport: Transport,
): Channel {
  return channel('telegram', transport, (notice) => ({
    url: `${baseUrl}/bot${token.reveal()}/sendMessage`,
    body: JSON.stringify({
      chat_id: /^-?\d+$/.test(chat) ? Number(chat) : chat,
      text: shortened(whole(notice), 4_096),
      link_preview_options: { is_disabled: true },
      disable_notification: notice.severity === 'info',
    }),
  }));
}

/** A webhook of Discord: at most 2000 characters, and nobody is pinged by what a message happens to contain. */
export function createDiscordChannel(url: Secret, transport: Transport): Channel {
  return channel('discord', transport, (notice) => ({
    url: url.reveal(),
    body: JSON.stringify({ content: shortened(whole(notice), 2_000), allowed_mentions: { parse: [] } }),
  }));
}

/** An incoming webhook of Slack: `&`, `<` and `>` are markup there and are escaped; links are not unfurled. */
export function createSlackChannel(url: Secret, transport: Transport): Channel {
  return channel('slack', transport, (notice) => ({
    url: url.reveal(),
    body: JSON.stringify({
      text: shortened(whole(notice), 3_000)
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;'),
      unfurl_links: false,
    }),
  }));
}

const whole = (notice: Notice): string =>
  `${noticeSign(notice)} ${noticeSubject(notice)}\n${noticeText(notice)}`;

interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A POST of JSON whose address is a secret itself: nothing that the wire says of it, which names the address, is
 * passed on, neither as a message nor as a cause.
 */
function channel(name: ChannelName, transport: Transport, post: (notice: Notice) => Post): Channel {
  return {
    name,
    send: async (notice, signal) => {
      const { url, body, headers } = post(notice);
      let response: WireResponse;
      try {
        response = await transport({
          method: 'POST',
          url,
          body,
          headers: { 'content-type': 'application/json', ...headers },
          timeoutMs: sendTimeoutMs,
          signal,
        });
      } catch (error) {
        throw unreached(name, error);
      }
      demandTaken(name, response);
    },
  };
}

function unreached(name: ChannelName, error: unknown): HybridError {
  const wire = error instanceof HybridError ? error.code : 'WIRE_BROKEN';
  const how = {
    WIRE_REFUSED: 'cannot be reached',
    WIRE_TIMEOUT: 'does not answer',
    ABORTED: 'was abandoned',
  };
  const what = how[wire as keyof typeof how] ?? 'broke off';
  const code = wire === 'ABORTED' ? 'ABORTED' : 'NOTIFY_UNREACHABLE';
  return new HybridError({ code, message: `${name} ${what}` });
}

/**
 * 401, 403, 404 and 410 say that token, address or recipient is wrong; Telegram says so of a chat with a 400. Their
 * texts are not repeated: a proxy's error page may quote the address.
 */
function demandTaken(name: ChannelName, { status, headers, body }: WireResponse): void {
  if (status >= 200 && status < 300) return;
  const said = `${name} answered ${status}`;
  if (status === 429) {
    const retryAfterMs = askedPauseMs(headers['retry-after'], body);
    throw new HybridError({ code: 'NOTIFY_RATE_LIMITED', message: said, retryAfterMs });
  }
  throw new HybridError({ code: codeOf(name, status, body), message: said });
}

function codeOf(name: ChannelName, status: number, body: string): ErrorCode {
  if (status >= 500 || status === 408 || status === 425) return 'NOTIFY_UNREACHABLE';
  const isAddress = status < 400 || [401, 403, 404, 405, 410].includes(status);
  const isChat = name === 'telegram' && /chat not found|chat_id|upgraded to a supergroup/i.test(body);
  return isAddress || isChat ? 'NOTIFY_KEY_REFUSED' : 'NOTIFY_REFUSED';
}

/** Seconds: in the header, in Discord's `retry_after`, or in Telegram's `parameters.retry_after`. */
function askedPauseMs(header: string | undefined, body: string): number | null {
  const asked = header ?? /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(body)?.[1];
  const seconds = asked === undefined ? Number.NaN : Number(asked);
  return seconds >= 0 ? Math.ceil(Math.min(seconds, 3_600) * 1000) : null;
}
