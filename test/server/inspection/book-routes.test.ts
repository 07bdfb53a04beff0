import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { bookRoutes } from '../../../src/server/inspection/book-routes.ts';
import type { InspectionBooks } from '../../../src/server/inspection/inspection-books.ts';
import { unixMs } from '../../../src/units.ts';
import { sampleBooks } from './sample-books.ts';

/** An app whose books note what they were asked for. */
function booksCase() {
  const asked: unknown[] = [];
  const sample = sampleBooks();
  const books: InspectionBooks = {
    ...sample,
    epochs: (page) => (asked.push(page), sample.epochs(page)),
    leases: (page) => (asked.push(page), sample.leases(page)),
    journal: (page) => (asked.push(page), sample.journal(page)),
    nonces: (index) => (asked.push(index), sample.nonces(index)),
  };
  const app = fastify();
  bookRoutes(app, books, () => [
    {
      rowId: 'lease:1',
      key: 'destroy:1',
      code: 'VAST_LIST_UNKNOWN',
      message: 'not gone',
      since: unixMs(5),
    },
  ]);
  return { app, asked };
}

describe('the books of the daemon', () => {
  it.each([
    ['/v1/epochs', { limit: 20 }],
    ['/v1/epochs?before=135&limit=7', { before: 135, limit: 7 }],
    ['/v1/leases?before=01K0000000000000000000LEAS', { before: '01K0000000000000000000LEAS', limit: 50 }],
    ['/v1/journal?row=epoch:135&before=9', { rowId: 'epoch:135', before: 9, limit: 100 }],
    ['/v1/nonces?epoch=135', 135],
    ['/v1/nonces', undefined],
  ])('are asked by %s for that page', async (url, page) => {
    const { app, asked } = booksCase();
    expect((await app.inject(url)).statusCode).toBe(200);
    expect(asked).toEqual([page]);
  });

  it.each([
    '/v1/epochs?limit=0',
    '/v1/epochs?limit=501',
    '/v1/epochs?before=-1',
    '/v1/leases?before=lease',
    '/v1/journal?before=x',
    '/v1/nonces?epoch=',
  ])('refuse %s and name the field', async (url) => {
    const { app, asked } = booksCase();
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ error: expect.stringMatching(/^"\w+" cannot be read$/) });
    expect(asked).toEqual([]);
  });

  it('know no epoch that is none', async () => {
    const { app } = booksCase();
    for (const index of ['135', 'x', '-1', '9'.repeat(20)])
      expect((await app.inject(`/v1/epochs/${index}`)).statusCode).toBe(404);
    expect((await app.inject('/v1/epochs/136')).statusCode).toBe(200);
  });

  it('tell each alert with what to do about it', async () => {
    const { app } = booksCase();
    const { alerts } = (await app.inject('/v1/alerts')).json<{ alerts: Record<string, string>[] }>();
    expect(alerts[0]).toMatchObject({ key: 'destroy:1', message: 'not gone', severity: 'critical' });
    expect(alerts[0]?.['advice']?.length).toBeGreaterThan(20);
  });
});
