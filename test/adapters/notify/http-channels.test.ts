import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createChannels } from '../../../src/adapters/notify/index.ts';
import type { Channel } from '../../../src/adapters/notify/interface.ts';
import type { AlertsConfig } from '../../../src/config/alerts-config.ts';
import { HybridError } from '../../../src/errors.ts';
import { type ServedNeighbour, serveNeighbour } from '../../../src/sandbox/http-neighbour.ts';
import { Secret } from '../../../src/secret.ts';
import { blockCount, milliseconds } from '../../../src/units.ts';
import { ReceiversWorld } from '../../../src/world/receivers/receivers-world.ts';
import { sampleNotice } from '../../alerts/sample-notice.ts';
import { root } from '../../house/source-files.ts';

const secrets = {
  telegramToken: '77:telegram-canary',
  discordToken: 'discord-canary',
  slackToken: 'slack-canary',
  hookToken: 'hook-canary',
};

let world: ReceiversWorld;
let served: ServedNeighbour;
let channels: ReadonlyMap<string, Channel>;
beforeEach(async () => {
  world = new ReceiversWorld(secrets);
  served = await serveNeighbour(world, { port: 0 });
  channels = new Map(createChannels(config(served.port)).map((channel) => [channel.name, channel]));
});
afterEach(() => served.close());

const config = (port: number): AlertsConfig => {
  const origin = `http://127.0.0.1:${port}`;
  return {
    isEnabled: true,
    minSeverity: 'warning',
    reminderMs: milliseconds(0),
    pocBlocks: blockCount(100),
    webhook: { url: new Secret(`${origin}/hook/hook-canary`), secret: new Secret('signing-canary') },
    telegram: { token: new Secret(secrets.telegramToken), chat: '-100123', baseUrl: origin },
    discordUrl: new Secret(`${origin}/api/webhooks/42/discord-canary`),
    slackUrl: new Secret(`${origin}/services/T0/B0/slack-canary`),
  };
};

const names = ['webhook', 'telegram', 'discord', 'slack'] as const;
type Name = (typeof names)[number];
const send = (name: Name, notice = sampleNotice, signal = AbortSignal.timeout(10_000)): Promise<void> =>
  (channels.get(name) as Channel).send(notice, signal);

async function failure(name: Name, notice = sampleNotice): Promise<HybridError> {
  const error: unknown = await send(name, notice).catch((thrown: unknown) => thrown);
  if (!(error instanceof HybridError)) throw new Error(`${name} took the message`);
  return error;
}

describe('a channel over HTTP', () => {
  it('is there only when it is configured, and none is when alerts are off', () => {
    expect([...channels.keys()]).toEqual(['webhook', 'telegram', 'discord', 'slack']);
    expect(createChannels({ ...config(1), isEnabled: false })).toEqual([]);
  });

  it.each(names)('%s takes the message once, with title, message, advice and link', async (name) => {
    await send(name);
    expect(world.taken).toHaveLength(1);
    const raw = JSON.stringify(world.taken[0]?.body).replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    const said = raw.replaceAll('&amp;', '&');
    for (const part of ['not proven gone', '<timeout> & more', 'Look at the instance', 'leak.md', 'node-1'])
      expect(said).toContain(part);
  });

  it('gives the web hook the notice as it is, its id to tell repetitions by, and a signature', async () => {
    await send('webhook');
    const { body, headers, raw } = world.taken[0]!;
    expect(body).toEqual(sampleNotice);
    expect(headers['idempotency-key']).toBe(sampleNotice.id);
    const signature = createHmac('sha256', 'signing-canary').update(raw).digest('hex');
    expect(headers['x-hybrid-signature']).toBe(`sha256=${signature}`);
  });

  it('posts the fields that the operator is told of, in that order', () => {
    const page = readFileSync(join(root, 'docs/operating.md'), 'utf8');
    const [, body = '{}'] = /```json\n(\{\n {2}"id"[^`]*)```/.exec(page) ?? [];
    expect(Object.keys(JSON.parse(body) as object)).toEqual(Object.keys(sampleNotice));
  });

  it('escapes what is markup to Slack, and lets Discord ping nobody', async () => {
    await send('slack', { ...sampleNotice, message: '<!channel> & <http://evil|click>' });
    expect(world.taken[0]?.body['text']).toContain('&lt;!channel&gt; &amp; &lt;http://evil|click&gt;');
    await send('discord', { ...sampleNotice, message: '@everyone' });
    expect(world.taken[1]?.body['allowed_mentions']).toEqual({ parse: [] });
  });

  it.each(names)('%s shortens what is too long for it', async (name) => {
    await send(name, { ...sampleNotice, message: '😀'.repeat(5_000) });
    expect(world.taken).toHaveLength(1);
  });

  it.each(names)('%s has a retryable failure when the other side is away or stumbles', async (name) => {
    world.faults.set('error500', 1);
    expect(await failure(name)).toMatchObject({ code: 'NOTIFY_UNREACHABLE', class: 'retryable' });
    world.faults.set('down', 1);
    expect(await failure(name)).toMatchObject({ code: 'NOTIFY_UNREACHABLE', class: 'retryable' });
    expect(world.taken).toEqual([]);
  });

  it.each(names)('%s is told how long to pause', async (name) => {
    world.faults.set('rateLimited', 1);
    const error = await failure(name);
    expect(error).toMatchObject({ code: 'NOTIFY_RATE_LIMITED', class: 'retryable' });
    expect(error.facts['retryAfterMs']).toBe(1_000);
  });

  it.each(names)('%s needs a person when token, address or recipient count no more', async (name) => {
    for (const fault of ['revoked', 'blocked']) {
      world.faults.set(fault, 1);
      expect(await failure(name)).toMatchObject({ code: 'NOTIFY_KEY_REFUSED', class: 'operator' });
      world.faults.set(fault, 0);
    }
  });

  it('needs a person when Telegram does not know the chat, and gives one message up that it does not take', async () => {
    const other = { ...config(served.port), telegram: { ...config(served.port).telegram!, chat: '5' } };
    channels = new Map(createChannels(other).map((channel) => [channel.name, channel]));
    expect(await failure('telegram')).toMatchObject({ code: 'NOTIFY_KEY_REFUSED' });
  });

  it('ends when it is abandoned', async () => {
    world.faults.set('hang', 1);
    const abandon = new AbortController();
    const sending = send('webhook', sampleNotice, abandon.signal);
    setTimeout(() => abandon.abort(), 20);
    await expect(sending).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it.each(names)('%s says nothing of its address or token in any failure', async (name) => {
    const errors: HybridError[] = [];
    for (const fault of ['error500', 'rateLimited', 'revoked', 'blocked', 'down']) {
      world.faults.set(fault, 1);
      errors.push(await failure(name));
      world.faults.set(fault, 0);
    }
    await served.close();
    errors.push(await failure(name));
    for (const { message, facts, cause, stack } of errors) {
      expect(cause).toBeUndefined();
      expect(`${message} ${JSON.stringify(facts)} ${stack}`).not.toMatch(/canary|127\.0\.0\.1:\d|\/hook/);
    }
  });
});
