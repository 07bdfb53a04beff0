import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { type ServedNeighbour, serveNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { ReceiversWorld } from '../../src/world/receivers/receivers-world.ts';
import { json, type WorldRequest } from '../../src/world/exchange.ts';
import { FaultBoard } from '../../src/world/neighbour.ts';
import { capturedIo } from './captured-io.ts';

let world: ReceiversWorld;
let served: ServedNeighbour;
beforeEach(async () => {
  world = new ReceiversWorld({
    telegramToken: '7:t-canary',
    discordToken: 'd',
    slackToken: 's',
    hookToken: 'h-canary',
  });
  served = await serveNeighbour(world, { port: 0 });
});
afterEach(() => served.close());

const enough = { HYPERBOLIC_API_KEY: 'k', RENTAL_POLICY: 'off', REGISTRATION: 'off' };
const channels = (): Record<string, string> => ({
  ...enough,
  ALERT_WEBHOOK_URL: `http://127.0.0.1:${served.port}/hook/h-canary`,
  ALERT_TELEGRAM_TOKEN: '7:t-canary',
  ALERT_TELEGRAM_CHAT: '-100123',
  ALERT_TELEGRAM_BASE_URL: `http://127.0.0.1:${served.port}`,
});

describe('hybrid-mlnode alerts test', () => {
  it('sends one message to every channel and says which took it', async () => {
    const io = capturedIo({ env: channels() });
    expect(await dispatch(['alerts', 'test'], io)).toBe(0);
    expect(io.out()).toBe('ok     webhook\nok     telegram\n');
    expect(world.taken.map(({ receiver }) => receiver).toSorted()).toEqual(['telegram', 'webhook']);
    expect(world.taken.find(({ receiver }) => receiver === 'webhook')?.body).toMatchObject({
      event: 'test',
      node: 'hybrid-mlnode-1',
    });
  });

  it('names the channel that fails and why, without its address, and exits with 1', async () => {
    const io = capturedIo({ env: { ...channels(), ALERT_TELEGRAM_CHAT: '99' } });
    expect(await dispatch(['alerts', 'test', '--json'], io)).toBe(1);
    expect(JSON.parse(io.out())).toMatchObject({
      channels: [
        { channel: 'webhook', isTaken: true, fault: null },
        { channel: 'telegram', isTaken: false, fault: { code: 'NOTIFY_KEY_REFUSED' } },
      ],
    });
    expect(io.out() + io.err()).not.toContain('canary');
  });

  it('sends also where the daemon is told to be silent, and says so', async () => {
    const io = capturedIo({ env: { ...channels(), ENABLE_ALERTS: 'off' } });
    expect(await dispatch(['alerts', 'test'], io)).toBe(0);
    expect(io.err()).toContain('ENABLE_ALERTS is off');
  });

  it('is a mistake without any channel, as is any other word', async () => {
    const none = capturedIo({ env: enough });
    expect(await dispatch(['alerts', 'test'], none)).toBe(2);
    expect(none.err()).toContain('no channel is set');
    const other = capturedIo({ env: enough });
    expect(await dispatch(['alerts', 'tset'], other)).toBe(2);
    expect(other.err()).toContain('neither list nor test');
  });
});

describe('hybrid-mlnode alerts', () => {
  const since = Date.UTC(2026, 0, 1);
  const alerts = [
    {
      rowId: 'lease:L',
      key: 'destroy:L',
      code: 'VAST_UNREACHABLE',
      message: 'instance 7 is not destroyed yet',
      since,
      class: 'retryable',
      help: 'h',
      kind: 'leak',
      severity: 'critical',
      title: 'Not gone',
      advice: 'Look',
    },
  ];
  const fault = { code: 'NOTIFY_KEY_REFUSED', class: 'operator', message: 'slack answered 404' };
  const notices = {
    channels: [
      { name: 'webhook', failures: 0, fault: null, sentAt: since, pausedUntil: null },
      { name: 'slack', failures: 4, fault, sentAt: null, pausedUntil: since },
    ],
    notices: [
      {
        id: 2,
        channel: 'slack',
        status: 'queued',
        createdAt: since,
        attempts: 4,
        finishedAt: null,
        fault,
        notice: {},
      },
    ],
  };

  async function listed(args: string[], open: unknown[] = alerts) {
    const daemon = await serveNeighbour(
      {
        handle: async ({ path }: WorldRequest) =>
          json(200, path === '/v1/alerts' ? { alerts: open } : notices),
        faults: new FaultBoard([]),
        books: () => ({}),
        close: () => undefined,
      },
      { port: 0 },
    );
    const io = capturedIo({ env: { INSPECTION_PORT: `${daemon.port}` } });
    const code = await dispatch(['alerts', ...args], io);
    await daemon.close();
    return { code, io };
  }

  it('lists what is wrong, what to do about it, and how the channels fare', async () => {
    const { code, io } = await listed([]);
    expect(code).toBe(0);
    expect(io.out().split('\n')).toEqual([
      'critical Not gone',
      '  instance 7 is not destroyed yet',
      '  what to do: Look',
      '  VAST_UNREACHABLE, since 2026-01-01T00:00:00.000Z, docs/runbooks/leak.md',
      'channel webhook: works; last at 2026-01-01T00:00:00.000Z; 0 waiting',
      'channel slack: slack answered 404; nothing sent since the start; 1 waiting',
      '',
    ]);
  });

  it('says so when nothing is wrong, and is one object with --json', async () => {
    expect((await listed(['list'], [])).io.out()).toMatch(/^nothing is wrong\n/);
    expect(JSON.parse((await listed(['--json'])).io.out())).toEqual({ alerts, ...notices });
  });
});
