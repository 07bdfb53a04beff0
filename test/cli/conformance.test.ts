import { describe, expect, it, onTestFinished } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { chapters } from '../../src/conformance/chapters.ts';
import { newestCase, postJson } from '../conformance/node-case.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import { capturedIo } from './captured-io.ts';

const rules = chapters.flatMap((chapter) => chapter.rules);

async function conformingUrls(mutation = {}): Promise<string[]> {
  const { options, close } = await newestCase(mutation);
  onTestFinished(close);
  return ['--url', options.url, '--inference-url', options.inferenceUrl ?? ''];
}

describe('conformance', () => {
  it('prints one line a rule, number and limit included, and exits 0 when none failed', async () => {
    const io = capturedIo();
    expect(await dispatch(['conformance', ...(await conformingUrls())], io)).toBe(0);
    const lines = io.out().trimEnd().split('\n');
    expect(lines).toHaveLength(rules.length);
    expect(lines).toContain('ok       MLN-002  GET /api/v1/state answers within 50 ms');
    expect(lines).toContain(
      'skipped  MLN-006  POST /api/v1/stop without a body answers {"status":"OK"} [it changes what the node does (--disruptive)]',
    );
    expect(io.err()).toMatch(/^\d+ ok, 0 failed, \d+ skipped\n$/);
  });

  it('exits 1 when a rule failed, and says what was seen in its place', async () => {
    const urls = await conformingUrls({
      answer: (request: { path: string }, next: (sent: unknown) => Promise<unknown>) =>
        request.path === '/readyz' ? Promise.resolve({ status: 500, body: 'out of order' }) : next(request),
    });
    const io = capturedIo();
    expect(await dispatch(['conformance', ...urls], io)).toBe(1);
    expect(io.out()).toContain(
      'failed   MLN-022  GET /readyz answers 200 {"ready":true}, or 503 [GET /readyz answered 500 out of order, where 200 or 503 is due]',
    );
  });

  it('gives one JSON object with --json', async () => {
    const io = capturedIo();
    const [, url = '', ...rest] = await conformingUrls();
    expect(await dispatch(['conformance', '--json', '--url', url, ...rest], io)).toBe(0);
    const said = JSON.parse(io.out()) as { rules: { rule: string }[] };
    expect(said).toMatchObject({ url, failed: 0 });
    expect(said.rules.map(({ rule }) => rule).toSorted()).toEqual(rules.map(({ id }) => id).toSorted());
    expect(said.rules[0]).toEqual({
      rule: 'MLN-001',
      verdict: 'ok',
      sentence: rules[0]?.sentence,
      source: 'docs/reference/protocol.md "State and stop"',
    });
  });

  it('asks before it changes the node, and calls nothing without a yes', async () => {
    const calls: string[] = [];
    const urls = await conformingUrls({
      answer: (request: { path: string }, next: (sent: unknown) => Promise<unknown>) => {
        calls.push(request.path);
        return next(request);
      },
    });
    for (const stdin of ['', 'no\n', '\n']) {
      const io = capturedIo({ stdin, isInteractive: true });
      expect(await dispatch(['conformance', ...urls, '--disruptive'], io)).toBe(2);
      expect(io.err()).toContain('Go on? [y/N]');
      expect(io.err()).toContain('not confirmed, nothing was done');
    }
    expect(calls).toEqual([]);
  });

  it.each([
    ['a yes', ['--disruptive'], 'y\n'],
    ['--yes', ['--disruptive', '--yes'], ''],
  ])('runs every rule after %s, callbacks with --callback-listen', async (_, words, stdin) => {
    const io = capturedIo({ stdin, isInteractive: true });
    const args = [
      ...(await conformingUrls()),
      ...words,
      '--callback-listen',
      '0',
      '--model',
      'org/model',
      '--json',
    ];
    expect(await dispatch(['conformance', ...args], io)).toBe(0);
    const said = JSON.parse(io.out()) as { rules: { rule: string; verdict: string }[] };
    const skipped = said.rules.filter(({ verdict }) => verdict === 'skipped').map(({ rule }) => rule);
    // Nothing is up when it begins.
    expect(skipped).toEqual(['MLN-032', 'MLN-033']);
  });

  it('brings the node back when it is stopped in the middle', async () => {
    const io = capturedIo();
    const urls = await conformingUrls({
      answer: async (request: { path: string }, next: (sent: unknown) => Promise<unknown>) => {
        const answer = await next(request);
        if (request.path === '/api/v1/pow/init/generate' && isTaken(answer)) io.stop('SIGINT');
        return answer;
      },
    });
    const body = { model: 'org/model', dtype: 'auto', additional_args: [] };
    await postJson(`${urls[1]}/api/v1/inference/up`, body);
    expect(await dispatch(['conformance', ...urls, '--disruptive', '--yes'], io)).toBe(1);
    expect(io.err()).toContain('the node is brought back first');
    expect(io.err()).toContain('ABORTED');
    const state = await fetch(`${urls[1]}/api/v1/state`);
    expect(await state.json()).toMatchObject({ state: 'INFERENCE', loaded_model: 'org/model' });
  });

  it('skips a generation that it was not asked about', async () => {
    const io = capturedIo();
    expect(await dispatch(['conformance', ...(await conformingUrls()), '--generation', 'v1'], io)).toBe(0);
    expect(io.out()).toMatch(/^ok +MLN-060 /m);
    expect(io.out()).toMatch(/^skipped +MLN-120 .* \[PoC v2 is not served here\]$/m);
  });

  it('says that nothing answers', async () => {
    const io = capturedIo();
    expect(await dispatch(['conformance', '--url', `http://127.0.0.1:${await freePort()}`], io)).toBe(1);
    expect(io.err()).toContain('WIRE_REFUSED');
    expect(io.out()).toBe('');
  });

  it.each([
    [[], '--url is missing'],
    [['--url', 'node1:8080'], '--url must be a URL'],
    [['--url', 'http://a', '--generation', 'v3'], '--generation must be v1 or v2'],
    [['--url', 'http://a', '--version-prefix', 'a/b'], '--version-prefix must be one path segment'],
    [['--url', 'http://a', '--poll-limit', 'soon'], '--poll-limit must be a number'],
    [['--url', 'http://a', '--callback-url', 'http://b'], '--callback-url needs --callback-listen'],
  ])('refuses %j', async (args, message) => {
    const io = capturedIo();
    expect(await dispatch(['conformance', ...args], io)).toBe(2);
    expect(io.err()).toContain(message);
  });
});

const isTaken = (answer: unknown): boolean => (answer as { status?: number }).status === 200;
