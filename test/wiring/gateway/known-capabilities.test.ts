import { pino } from 'pino';
import { expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/runtime/sqlite-store.ts';
import { createKnownCapabilities } from '../../../src/wiring/gateway/known-capabilities.ts';
import { answers, ScriptedUpstream } from '../../server/scripted-upstream.ts';

const log = pino({ level: 'silent' });
const { signal } = new AbortController();
const good = answers(200, '{"choices":[],"usage":{}}');

it('a finding is kept over restarts, by address and model; a failure is asked again', async () => {
  const store = openSqliteStore(':memory:');
  const upstream = new ScriptedUpstream('first');
  upstream.scripts = [answers(500, ''), good];
  const known = createKnownCapabilities(store.meta, true, log);
  await known.find(upstream, 'http://a', 'm', signal);
  expect(known.of('first', 'm')).toBeUndefined();
  await Promise.all([
    known.find(upstream, 'http://a', 'm', signal),
    known.find(upstream, 'http://a', 'm', signal),
  ]);
  expect(known.of('first', 'm')).toMatchObject({ isUsageInStream: true, logprobs: 'ignored' });
  await known.find(upstream, 'http://a', 'm', signal);
  expect(upstream.requests).toHaveLength(2);

  const restarted = createKnownCapabilities(store.meta, true, log);
  await restarted.find(upstream, 'http://a', 'm', signal);
  expect(restarted.of('first', 'm')).toEqual(known.of('first', 'm'));
  expect(upstream.requests).toHaveLength(2);
  await restarted.find(upstream, 'http://b', 'other', signal);
  expect(upstream.requests).toHaveLength(3);
  store.close();
});

it('nothing is asked where probing is off', async () => {
  const store = openSqliteStore(':memory:');
  const upstream = new ScriptedUpstream('first');
  upstream.scripts = [good];
  await createKnownCapabilities(store.meta, false, log).find(upstream, 'http://a', 'm', signal);
  expect(upstream.requests).toEqual([]);
  store.close();
});
