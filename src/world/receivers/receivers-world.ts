import { json, text, type WorldOutcome, type WorldRequest, type WorldResponse } from '../exchange.ts';
import { FaultBoard, type Neighbour } from '../neighbour.ts';

/** Who takes messages, by the path of the request. */
export type Receiver = 'telegram' | 'discord' | 'slack' | 'webhook';

/** One message as it was taken. */
export interface Taken {
  readonly receiver: Receiver;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string;
}

/** The secrets in the addresses of the receivers. */
export interface ReceiverSecrets {
  readonly telegramToken: string;
  readonly discordToken: string;
  readonly slackToken: string;
  readonly hookToken: string;
}

/**
 * The services that take alerts, as their documentation has them: Telegram's Bot API (core.telegram.org/bots/api),
 * webhooks of Discord (discord.com/developers/docs/resources/webhook) and of Slack (docs.slack.dev), any web hook.
 */
export class ReceiversWorld implements Neighbour {
  readonly faults = new FaultBoard([
    { name: 'down', sentence: 'Every connection is dropped while this is non-zero.' },
    { name: 'error500', sentence: 'The next `value` messages are answered 500.' },
    {
      name: 'rateLimited',
      sentence: 'The next `value` messages are answered 429, with a pause of one second.',
    },
    {
      name: 'lostAnswer',
      sentence: 'The next `value` messages are taken, and the connection breaks before the answer.',
    },
    { name: 'hang', sentence: 'The next `value` messages are never answered.' },
    { name: 'revoked', sentence: 'Token or address counts no more while this is non-zero.' },
    { name: 'blocked', sentence: 'The recipient is gone or has blocked the sender while this is non-zero.' },
  ]);
  readonly taken: Taken[] = [];
  readonly #secrets: ReceiverSecrets;

  constructor(secrets: ReceiverSecrets) {
    this.#secrets = secrets;
  }

  async handle(request: WorldRequest): Promise<WorldOutcome> {
    if (this.faults.get('down') !== 0) return 'drop';
    if (this.faults.take('hang')) return 'hang';
    const receiver = this.#receiverOf(request.path);
    if (receiver === undefined) return notFound(request.path);
    if (this.faults.get('revoked') !== 0) return revoked(receiver);
    if (this.faults.take('error500')) return text(500, 'Internal Server Error');
    if (this.faults.take('rateLimited')) return tooMany(receiver);
    const body = objectOf(request.body);
    if (request.method !== 'POST' || body === undefined) return text(400, 'invalid_payload');
    if (this.faults.get('blocked') !== 0) return blocked(receiver);
    const fault = wrongBody(receiver, body);
    if (fault !== undefined) return fault;
    this.taken.push({ receiver, body, headers: request.headers, raw: request.body });
    return this.faults.take('lostAnswer') ? 'drop' : thanks(receiver);
  }

  books(): Record<string, unknown> {
    return { taken: this.taken.length };
  }

  close(): void {
    this.taken.length = 0;
  }

  #receiverOf(path: string): Receiver | undefined {
    const { telegramToken, discordToken, slackToken, hookToken } = this.#secrets;
    const paths: Readonly<Record<string, Receiver>> = {
      [`/bot${telegramToken}/sendMessage`]: 'telegram',
      [`/api/webhooks/42/${discordToken}`]: 'discord',
      [`/services/T0/B0/${slackToken}`]: 'slack',
      [`/hook/${hookToken}`]: 'webhook',
    };
    return paths[path];
  }
}

function wrongBody(receiver: Receiver, body: Readonly<Record<string, unknown>>): WorldResponse | undefined {
  const { text: words, content, chat_id: chat } = body;
  if (receiver === 'telegram') {
    if (chat !== -100_123 && chat !== '@ghm') return telegram(400, 'Bad Request: chat not found');
    if (typeof words !== 'string' || words === '') return telegram(400, 'Bad Request: message text is empty');
    if (words.length > 4_096) return telegram(400, 'Bad Request: message is too long');
  }
  if (receiver === 'discord' && (typeof content !== 'string' || content.length > 2_000))
    return json(400, { content: ['Must be 2000 or fewer in length.'] });
  if (receiver === 'slack' && (typeof words !== 'string' || words === '')) return text(400, 'no_text');
  return undefined;
}

const telegram = (code: number, description: string, parameters?: object): WorldResponse =>
  json(code, { ok: false, error_code: code, description, ...(parameters && { parameters }) });

function revoked(receiver: Receiver): WorldResponse {
  if (receiver === 'telegram') return telegram(401, 'Unauthorized');
  if (receiver === 'discord') return json(404, { message: 'Unknown Webhook', code: 10_015 });
  return receiver === 'slack' ? text(410, 'channel_is_archived') : text(403, 'forbidden');
}

function blocked(receiver: Receiver): WorldResponse {
  if (receiver === 'telegram') return telegram(403, 'Forbidden: bot was blocked by the user');
  return receiver === 'slack' ? text(404, 'channel_not_found') : text(410, 'gone');
}

function tooMany(receiver: Receiver): WorldResponse {
  if (receiver === 'telegram') return telegram(429, 'Too Many Requests: retry after 1', { retry_after: 1 });
  if (receiver === 'discord') return json(429, { message: 'You are being rate limited.', retry_after: 1.0 });
  return { ...text(429, 'rate_limited'), headers: { 'retry-after': '1' } };
}

function thanks(receiver: Receiver): WorldResponse {
  if (receiver === 'telegram') return json(200, { ok: true, result: { message_id: 1 } });
  if (receiver === 'discord') return { status: 204, body: '' };
  return text(200, 'ok');
}

/** A proxy's page, which repeats the address: it must come no further. */
const notFound = (path: string): WorldResponse => text(404, `<html>no route ${path}</html>`, 'text/html');

function objectOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
