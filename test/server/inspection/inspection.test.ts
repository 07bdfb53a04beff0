import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { JournalEntry } from '../../../src/runtime/interface.ts';
import { Secret } from '../../../src/secret.ts';
import { createInspection, type InspectionOptions } from '../../../src/server/inspection/inspection.ts';
import { unixMs } from '../../../src/units.ts';
import { rawCall } from '../raw-call.ts';
import { sampleBooks, sampleDaemon, samplePage } from './sample-books.ts';

/** The journal part of a runtime. */
class Journal {
  readonly entries: JournalEntry[] = [];
  readonly listeners = new Set<(entry: JournalEntry) => void>();
  pages = 0;

  journalSince = (seq: number, limit: number): JournalEntry[] => {
    this.pages += 1;
    return this.entries.filter((entry) => entry.seq > seq).slice(0, limit);
  };
  onStep = (listener: (entry: JournalEntry) => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  step(note = ''): void {
    const seq = this.entries.length + 1;
    const event = { type: 'CHAIN.HEAD', note };
    const entry = { seq, rowId: 'epoch-7', chart: 'epoch', at: unixMs(seq), event, value: 'idle' };
    this.entries.push(entry);
    for (const listener of this.listeners) listener(entry);
  }
}

const lease = { id: 'lease-1', chart: 'lease', value: 'ready', context: {}, status: 'active' as const };
const row = { ...lease, updatedAt: unixMs(5), openIntents: [] };
const parts = {
  daemon: sampleDaemon,
  chain: { height: 7 },
  plan: null,
  money: { spent: 1 },
  relay: {},
  upstream: {},
  service: {},
};
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function inspectionCase(options: Partial<InspectionOptions> = {}) {
  const journal = new Journal();
  const log: string[] = [];
  const app = createInspection({
    runtime: {
      rows: () => [row],
      leases: () => [],
      alerts: () => [],
      journalSince: journal.journalSince,
      onStep: journal.onStep,
    },
    extra: () => parts,
    diagram: (rowId) => (rowId === 'ghm:lease/1' ? 'stateDiagram-v2' : undefined),
    books: sampleBooks(journal.entries),
    page: samplePage,
    log: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
    ...options,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  closers.push(async () => app.close());
  const { port } = app.server.address() as AddressInfo;
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers });
  return { app, journal, log, port, get };
}

/** Reads an event stream until it holds so many events; returns their ids. */
async function idsOf(response: Response, count: number): Promise<number[]> {
  const ids: number[] = [];
  let text = '';
  for await (const bytes of response.body ?? []) {
    text += Buffer.from(bytes).toString();
    ids.splice(0, ids.length, ...[...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1])));
    if (ids.length >= count) break;
  }
  return ids;
}

test('the state is every row beside what no row holds', async () => {
  const { get } = await inspectionCase();
  expect(await (await get('/v1/state')).json()).toEqual({
    ...parts,
    machines: [row],
    leases: [],
    alerts: [],
  });
});

test('a diagram is plain text, and 404 for a row that is not there', async () => {
  const { get } = await inspectionCase();
  const response = await get(`/v1/machines/${encodeURIComponent('ghm:lease/1')}/diagram`);
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await response.text()).toBe('stateDiagram-v2');
  expect((await get('/v1/machines/none/diagram')).status).toBe(404);
  expect((await get('/v1/machines')).status).toBe(404);
});

describe('the token', () => {
  test('is demanded everywhere but at /livez', async () => {
    const { get, log } = await inspectionCase({ token: new Secret('token-canary') });
    for (const path of ['/v1/state', '/v1/events', '/v1/machines/x/diagram']) {
      for (const authorization of [
        '',
        'Bearer ',
        'Bearer wrong',
        'Bearer token-canary2',
        'Basic token-canary',
      ]) {
        const response = await get(path, { authorization });
        expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      }
    }
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/v1/state', { authorization: 'Bearer token-canary' })).status).toBe(200);
    expect(log.join('')).not.toContain('canary');
  });
});

describe('the name under which it is called', () => {
  const order = {
    method: 'POST',
    path: '/v1/orders/release',
    body: '{"all":true}',
    contentType: 'application/json',
  };
  const looks = ['/livez', '/', '/v1/state', '/v1/events?after=x', '/metrics', '/v1/hosts', '/nothing'].map(
    (path) => ({
      method: 'GET',
      path,
      body: '',
      contentType: 'text/plain',
    }),
  );
  /** The status of each route. */
  async function under(host: string, options: Partial<InspectionOptions> = {}): Promise<number[]> {
    const { port } = await inspectionCase(options);
    const statuses: number[] = [];
    for (const { method, path, body, contentType } of [order, ...looks]) {
      const headers = { host, 'content-type': contentType };
      const answer = await rawCall(port, { method, path, headers, ...(body === '' ? {} : { body }) });
      if (answer === 'closed') throw new Error('no answer');
      if (answer.status === 421) expect(answer.body).toContain('INSPECTION_NAME_FOREIGN');
      statuses.push(answer.status);
    }
    return statuses;
  }

  test.each([
    'evil.example:9220',
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.7:9220',
    'evil.example:80:80',
  ])('is refused on every route without a token: "%s"', async (host) => {
    expect(new Set(await under(host))).toEqual(new Set([421]));
  });

  test.each(['127.0.0.1:9220', 'localhost', 'LOCALHOST:1', '[::1]:9220', '127.0.0.53', 'node.localhost:80'])(
    'is good when it is one of loopback: "%s"',
    async (host) => {
      expect(await under(host)).not.toContain(421);
    },
  );

  test('is good when it is INSPECTION_HOST, and any with a token', async () => {
    expect(await under('loop.internal:9220', { host: 'loop.internal' })).not.toContain(421);
    expect(await under('evil.example', { host: 'loop.internal' })).toContain(421);
    expect(await under('node.example', { token: new Secret('token-canary') })).not.toContain(421);
  });
});

describe('the event stream', () => {
  test('resumes after the given entry and goes on live', async () => {
    const { get, journal } = await inspectionCase();
    for (let count = 0; count < 5; count += 1) journal.step();
    const byHeader = await get('/v1/events?after=1', { 'last-event-id': '3' });
    const byQuery = await get('/v1/events?after=2');
    journal.step();
    expect(await idsOf(byHeader, 3)).toEqual([4, 5, 6]);
    expect(await idsOf(byQuery, 4)).toEqual([3, 4, 5, 6]);
  });

  test('begins at the next step when nothing was asked for', async () => {
    const { get, journal } = await inspectionCase();
    journal.step();
    const response = await get('/v1/events');
    journal.step();
    journal.step();
    expect(await idsOf(response, 2)).toEqual([2, 3]);
  });

  test('carries each entry as JSON under its number', async () => {
    const { get, journal } = await inspectionCase();
    journal.step('a\nb');
    const response = await get('/v1/events?after=0');
    let text = '';
    for await (const bytes of response.body ?? []) {
      text += Buffer.from(bytes).toString();
      if (text.includes('}\n\n')) break;
    }
    expect(text).toContain(`id: 1\nevent: step\ndata: ${JSON.stringify(journal.entries[0])}\n\n`);
  });

  test.each(['-1', 'abc', '1e3', '9'.repeat(16)])('refuses to resume after %s', async (after) => {
    const { get } = await inspectionCase();
    expect((await get(`/v1/events?after=${after}`)).status).toBe(400);
  });

  test('holds a page of the journal for a reader that does not read, not the whole', async () => {
    const { journal, port } = await inspectionCase();
    for (let count = 0; count < 4_000; count += 1) journal.step('x'.repeat(5_000));
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.write('GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await vi.waitFor(() => expect(journal.pages).toBeGreaterThan(0));
    for (let count = 0; count < 100; count += 1) journal.step();
    expect(journal.pages).toBeLessThan(15);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    socket.resume();
    await vi.waitFor(() => expect(text).toContain('id: 4100\n'), { timeout: 10_000 });
    expect([...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))).toEqual(
      Array.from({ length: 4_100 }, (_, index) => index + 1),
    );
    socket.destroy();
    await vi.waitFor(() => expect(journal.listeners.size).toBe(0));
  });

  test('is bounded in number', async () => {
    const { get } = await inspectionCase();
    const open = await Promise.all(Array.from({ length: 32 }, () => get('/v1/events')));
    expect(open.every((response) => response.status === 200)).toBe(true);
    expect((await get('/v1/events')).status).toBe(503);
  });

  test('ends when the server closes', async () => {
    const { app, get, journal } = await inspectionCase();
    const response = await get('/v1/events?after=0');
    await app.close();
    expect(await response.text()).toBe(': journal\n\n');
    expect(journal.listeners.size).toBe(0);
  });
});
