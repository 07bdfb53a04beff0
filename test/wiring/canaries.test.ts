import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { type ServedNeighbour, serveNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { type DaemonProcess, startDaemonProcess } from '../../src/wiring/daemon-process.ts';
import { ReceiversWorld } from '../../src/world/receivers/receivers-world.ts';
import { MailServer } from '../support/mail-server.ts';
import { RecordingHost } from '../world/vast/recording-host.ts';
import { buildSmallTown, model, type SmallTown } from './small-town.ts';

let town: SmallTown;
let running: DaemonProcess | undefined;
let served: ServedNeighbour;
let mail: MailServer;
afterEach(async () => {
  await running?.stop({ keep: false });
  await served.close();
  await mail.close();
  await town.close();
});

/** Every secret and every prompt bears this word; addresses of channels are secrets too. */
const canary = 'canary';
const secrets = {
  telegramToken: '7:telegram-canary',
  discordToken: 'discord-canary',
  slackToken: 'slack-canary',
  hookToken: 'hook-canary',
};

async function allChannels(): Promise<Record<string, string>> {
  const origin = `http://127.0.0.1:${served.port}`;
  return {
    ALERTS_MIN_SEVERITY: 'info',
    ALERT_WEBHOOK_URL: `${origin}/hook/hook-canary`,
    ALERT_WEBHOOK_SECRET: 'signing-canary',
    ALERT_TELEGRAM_TOKEN: secrets.telegramToken,
    ALERT_TELEGRAM_CHAT: '-100123',
    ALERT_TELEGRAM_BASE_URL: origin,
    ALERT_DISCORD_URL: `${origin}/api/webhooks/42/discord-canary`,
    ALERT_SLACK_URL: `${origin}/services/T0/B0/slack-canary`,
    ALERT_EMAIL: 'host@example.org',
    ALERT_SMTP_HOST: '127.0.0.1',
    ALERT_SMTP_PORT: `${mail.port}`,
    INSPECTION_TOKEN: 'inspection-token-canary',
    GATEWAY_TOKENS: 'somebody:gateway-token-canary-0123456789',
    DEPLOYMENT_ID: '',
  };
}

async function provoke({ gatewayUrl }: DaemonProcess): Promise<void> {
  const messages = [{ role: 'user', content: 'prompt-canary' }];
  const headers = {
    'content-type': 'application/json',
    authorization: 'Bearer gateway-token-canary-0123456789',
  };
  const ask = (body: unknown): Promise<Response> =>
    fetch(`${gatewayUrl}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
  await (await ask({ model, messages, max_tokens: 5 })).text();
  await (await ask({ model: 'no/such-model', messages })).text();
  await (await ask({ model, messages: 'prompt-canary' })).text();
  await town.fault('upstream', 'keyRefused', 1);
  await (await ask({ model, messages })).text();
  await town.fault('chain', 'unreachable', 1);
}

/** Names of the channels that say no. */
async function failedChannels(): Promise<readonly string[]> {
  const headers = { authorization: 'Bearer inspection-token-canary' };
  const answer = await fetch(`${running?.inspectionUrl}/v1/notices`, { headers });
  const { channels } = (await answer.json()) as { channels: { name: string; fault: unknown }[] };
  return channels
    .filter(({ fault }) => fault !== null)
    .map(({ name }) => name)
    .toSorted();
}

it('no secret and no prompt is in a log, the store, metrics, inspection or an alert, when everything fails', async () => {
  const log: string[] = [];
  const world = new ReceiversWorld(secrets);
  served = await serveNeighbour(world, { port: 0 });
  mail = await MailServer.listen();
  town = await buildSmallTown({ speed: 200, host: new RecordingHost() });
  const config = await town.config(await allChannels());
  running = await startDaemonProcess(
    config,
    pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
  );
  await provoke(running);
  // Addresses and tokens are revoked, so that each channel fails too, and mail tells of it.
  await expect.poll(() => world.taken.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(8);
  world.faults.set('revoked', 1);
  await expect.poll(failedChannels, { timeout: 20_000 }).toEqual(['discord', 'slack', 'telegram', 'webhook']);

  const authorization = 'Bearer inspection-token-canary';
  const inspected = await Promise.all(
    ['/v1/state', '/metrics', '/v1/alerts', '/v1/notices', '/v1/journal', '/v1/money', '/openapi.json'].map(
      async (path) => {
        const answer = await fetch(`${running?.inspectionUrl}${path}`, { headers: { authorization } });
        expect([path, answer.status]).toEqual([path, 200]);
        expect((await fetch(`${running?.inspectionUrl}${path}`)).status).toBe(401);
        return answer.text();
      },
    ),
  );
  const messages = [...world.taken.map(({ raw }) => raw), ...mail.mails.map(({ data }) => data)];
  expect(world.taken.length).toBeGreaterThanOrEqual(8);
  expect(mail.mails.length).toBeGreaterThan(0);
  const told = world.taken.map(({ receiver }) => receiver);
  expect(new Set(told)).toEqual(new Set(['webhook', 'telegram', 'discord', 'slack']));
  await running.stop({ keep: false });
  running = undefined;
  const files = readdirSync(config.stateDir).map((name) =>
    readFileSync(join(config.stateDir, name), 'latin1'),
  );
  expect(files.join('')).toContain('alert_notice');
  for (const text of [...log, ...inspected, ...messages, ...files]) expect(text).not.toContain(canary);
}, 60_000);
