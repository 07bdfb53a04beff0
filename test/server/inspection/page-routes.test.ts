import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPageFiles } from '../../../src/server/inspection/page-files.ts';
import { pageRoutes } from '../../../src/server/inspection/page-routes.ts';

describe('the files of the page', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'page-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const build = (): void => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<title>built</title>');
    writeFileSync(join(folder, 'assets/a.js'), 'plain');
    writeFileSync(join(folder, 'assets/a.js.gz'), 'gzipped');
    writeFileSync(join(folder, 'assets/a.js.br'), 'brotlied');
    writeFileSync(join(folder, 'assets/notes.txt'), 'not of the page');
  };
  const app = () => {
    const made = fastify();
    pageRoutes(made, readPageFiles(folder));
    return made;
  };

  it('are missing in plain words until they are built, and found without a restart', async () => {
    const made = app();
    const before = await made.inject('/');
    expect([before.statusCode, before.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(before.body).toContain('npm run web');
    build();
    expect((await made.inject('/')).body).toBe('<title>built</title>');
    expect((await made.inject('/assets/a.js')).body).toBe('plain');
  });

  it.each([
    ['gzip, deflate, br', 'brotlied', 'br'],
    ['gzip', 'gzipped', 'gzip'],
    ['br;q=0, gzip', 'gzipped', 'gzip'],
    ['identity', 'plain', undefined],
    [undefined, 'plain', undefined],
  ])('come as the reader takes them (%s)', async (taken, body, coding) => {
    build();
    const headers = taken === undefined ? {} : { 'accept-encoding': taken };
    const answer = await app().inject({ url: '/assets/a.js', headers });
    expect([answer.body, answer.headers['content-encoding']]).toEqual([body, coding]);
    expect(answer.headers['vary']).toBe('accept-encoding');
    expect(answer.headers['cache-control']).toContain('immutable');
  });

  it('let the page talk to nobody but its own daemon', async () => {
    build();
    const policy = String((await app().inject('/')).headers['content-security-policy']);
    const parts = new Map(
      policy.split('; ').map((part): [string, string] => part.split(/ (.*)/, 2) as [string, string]),
    );
    expect(parts.get('default-src')).toBe("'none'");
    expect(parts.get('frame-ancestors')).toBe("'none'");
    expect(new Set(parts.values())).toEqual(new Set(["'none'", "'self'"]));
  });

  it.each(['/assets/..%2findex.html', '/assets/notes.txt', '/assets/none.js', '/index.html'])(
    'are nothing else than what was built (%s)',
    async (url) => {
      build();
      expect((await app().inject(url)).statusCode).toBe(404);
    },
  );
});
