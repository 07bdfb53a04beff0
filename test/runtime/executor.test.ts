import { describe, expect, it } from 'vitest';
import { HybridError } from '../../src/errors.ts';
import { Executor, type Outcome } from '../../src/runtime/executor.ts';
import type { Effect, EffectCall } from '../../src/runtime/interface.ts';
import type { IntentRecord } from '../../src/runtime/store.ts';
import { settle } from '../../src/runtime/virtual-clock.ts';

const intent = (id: string, src = 'job'): IntentRecord => ({
  id,
  rowId: 'row',
  actorId: src,
  src,
  input: { of: id },
});
const open = (...intents: readonly IntentRecord[]) => new Map(intents.map((one) => [one.id, one]));

/** Work that ends when the test says so. */
function executor(effect?: Effect) {
  const calls: { readonly call: EffectCall; resolve(output: unknown): void; reject(error: unknown): void }[] =
    [];
  const settled: { readonly id: string; readonly outcome: Outcome }[] = [];
  const byHand: Effect = (call) =>
    new Promise((resolve, reject) => void calls.push({ call, resolve, reject }));
  const run = new Executor({ c: { job: effect ?? byHand } }, (_chart, { id }, outcome) =>
    settled.push({ id, outcome }),
  );
  const match = async (...intents: readonly IntentRecord[]): Promise<void> => {
    run.match('c', 'row', open(...intents));
    await settle();
  };
  return { run, calls, settled, match };
}

describe('the work of open intents', () => {
  it('is begun once with its input, and reported as plain data', async () => {
    const { calls, settled, match } = executor();
    await match(intent('a'));
    await match(intent('a'));
    expect(calls.map(({ call }) => [call.intentId, call.rowId, call.input, call.isResumed])).toEqual([
      ['a', 'row', { of: 'a' }, false],
    ]);
    calls[0]?.resolve({ at: new Date(0), gone: undefined });
    await settle();
    expect(settled).toEqual([
      { id: 'a', outcome: { kind: 'done', output: { at: '1970-01-01T00:00:00.000Z' } } },
    ]);
  });

  it('knows whether it was open before this process began, the first time', async () => {
    const { run, calls, match } = executor();
    run.noteLoaded(['a']);
    await match(intent('a'), intent('b'));
    await match();
    await match(intent('a'));
    expect(calls.map(({ call }) => [call.intentId, call.isResumed])).toEqual([
      ['a', true],
      ['b', false],
      ['a', false],
    ]);
  });

  it('is not begun when the intent is taken back at once', async () => {
    const { run, calls } = executor();
    run.match('c', 'row', open(intent('a')));
    run.match('c', 'row', open());
    await settle();
    expect(calls).toEqual([]);
  });

  it('fails when nothing can do it', async () => {
    const { settled, run, match } = executor();
    await match(intent('a', 'unknown'));
    run.match('d', 'other', open(intent('b')));
    await settle();
    expect(settled.map(({ id, outcome }) => [id, outcome.kind])).toEqual([
      ['a', 'failed'],
      ['b', 'failed'],
    ]);
    expect(settled[0]?.outcome).toMatchObject({
      error: { message: expect.stringContaining('chart c has no effect "unknown"') as string },
    });
  });

  it.each([
    ['its own reason', (call: EffectCall) => call.signal.reason as unknown],
    ['an aborted call', () => new HybridError({ code: 'ABORTED', message: 'stopped' })],
    ['an aborted fetch', () => new DOMException('stopped', 'AbortError')],
  ])('says nothing of an abort that it was asked for: %s', async (_, error) => {
    const { calls, settled, match } = executor();
    await match(intent('a'));
    await match();
    const [run] = calls;
    expect(run?.call.signal.aborted).toBe(true);
    run?.reject(error(run.call));
    await settle();
    expect(settled).toEqual([]);
  });

  it.each([
    ['a failure', () => new HybridError({ code: 'VAST_UNREACHABLE', message: 'm' })],
    ['an error', () => new Error('m')],
    ['something else', () => 'm'],
  ])('reports any other end of abandoned work: %s', async (_, error) => {
    const { calls, settled, match } = executor();
    await match(intent('a'));
    await match();
    calls[0]?.reject(error());
    await settle();
    expect(settled.map(({ outcome }) => outcome.kind)).toEqual(['failed']);
  });

  it('reports an abort that nobody asked for', async () => {
    const { calls, settled, match } = executor();
    await match(intent('a'));
    calls[0]?.reject(new HybridError({ code: 'ABORTED', message: 'm' }));
    await settle();
    expect(settled).toMatchObject([{ outcome: { kind: 'failed', error: { code: 'ABORTED' } } }]);
  });
});

describe('a stop', () => {
  it('aborts all work, waits for its end, and reports nothing any more', async () => {
    const { run, calls, settled, match } = executor();
    await match(intent('a'), intent('b'));
    let isStopped = false;
    const stopped = run.stop(60_000).then(() => (isStopped = true));
    expect(calls.map(({ call }) => (call.signal.reason as HybridError).message)).toEqual([
      'the daemon stops',
      'the daemon stops',
    ]);
    calls[0]?.resolve(1);
    await settle();
    expect(isStopped).toBe(false);
    calls[1]?.reject(new Error('m'));
    await stopped;
    expect(settled).toEqual([]);
  });

  it('does not wait for ever', async () => {
    const { run, match } = executor();
    await match(intent('a'));
    await expect(run.stop(1)).resolves.toBeUndefined();
  });
});
