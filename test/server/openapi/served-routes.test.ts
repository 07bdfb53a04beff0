import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Listener } from '../../../src/server/openapi/operation.ts';
import { openApiDocument } from '../../../src/server/openapi/document.ts';
import { rawCall } from '../raw-call.ts';
import { type ServedCase, servedCase } from './served-case.ts';

const registered = vi.hoisted((): string[] => []);
/** Every app notes its routes from the first one on. */
vi.mock('fastify', async (load) => {
  const real = await load<typeof import('fastify')>();
  return {
    ...real,
    fastify: (options: object) => {
      const app = real.fastify(options);
      app.addHook('onRoute', ({ method, url }) => {
        for (const each of [method].flat()) registered.push(`${each} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
      });
      return app;
    },
  };
});

let served: ServedCase | undefined;
afterEach(async () => {
  registered.length = 0;
  await served?.app.close();
});

const listeners: readonly Listener[] = ['shared', 'management', 'inference', 'inspection'];

const said = (document: ReturnType<typeof openApiDocument>): string[] =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations as object).map((method) => `${method.toUpperCase()} ${path}`),
  );

describe.each(listeners)('the %s listener', (listener) => {
  test('serves what its document says, and nothing else', async () => {
    served = await servedCase(listener);
    const routes = registered.filter((route) => !route.startsWith('HEAD '));
    expect(said(openApiDocument(listener)).toSorted()).toEqual(routes.toSorted());
    expect(new Set(routes).size).toBe(routes.length);
  });

  test('answers HEAD exactly where it answers GET', async () => {
    served = await servedCase(listener);
    const of = (method: string): string[] =>
      registered.filter((route) => route.startsWith(`${method} `)).map((route) => route.split(' ')[1] ?? '');
    expect(of('HEAD').toSorted()).toEqual(of('GET').toSorted());
  });

  test('hands out its own document, unless it is for inference alone', async () => {
    served = await servedCase(listener);
    const answer = await rawCall(served.port, { method: 'GET', path: '/openapi.json' });
    if (answer === 'closed') throw new Error('no answer');
    expect(answer.status).toBe(listener === 'inference' ? 404 : 200);
    if (listener === 'inference') return;
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(answer.body)).toEqual(JSON.parse(JSON.stringify(openApiDocument(listener))));
  });
});

test('the whole document is what all listeners serve together', () => {
  const whole = openApiDocument();
  const parts = listeners.flatMap((listener) => said(openApiDocument(listener)));
  expect(new Set(said(whole))).toEqual(new Set(parts));
  for (const [path, operations] of Object.entries(whole.paths)) {
    for (const operation of Object.values(operations as Record<string, { 'x-listeners': string[] }>)) {
      const served = listeners.filter((listener) => path in openApiDocument(listener).paths);
      expect(operation['x-listeners'].toSorted(), path).toEqual(served.toSorted());
    }
  }
});

test('a schema is named only where it is used, and every name leads to one', () => {
  for (const listener of [undefined, ...listeners]) {
    const { paths, components } = openApiDocument(listener);
    const { schemas } = components as { schemas: object };
    const text = JSON.stringify({ paths, schemas });
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(Object.keys(schemas)));
  }
});
