import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../src/runtime/alert-ledger.ts';
import { createSqliteAlertLedger } from '../../src/runtime/sqlite-alert-ledger.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { unixMs } from '../../src/units.ts';
import { temporaryDir } from './rig.ts';

const incident: Incident = {
  key: 'chain',
  id: 'i1',
  kind: 'chain-stale',
  severity: 'warning',
  code: 'CHAIN_UNREACHABLE',
  message: 'no new height',
  openedAt: unixMs(1_000),
  toldAt: unixMs(2_000),
  tellings: 1,
  absentSince: null,
  recoveredAt: null,
  flaps: 2,
};
const at = unixMs(5_000);
const fault = { code: 'NOTIFY_UNREACHABLE', class: 'retryable', message: 'slack answered 500' } as const;
const message = (channel: string, body: string) => ({ keep: [], forget: [], notices: [{ channel, body }] });

describe('the alert ledger', () => {
  it('keeps incidents and messages over a crash, and hands messages out in order, a channel at a time', () => {
    const path = join(temporaryDir(), 's.sqlite');
    const before = openSqliteStore(path);
    const ledger = createSqliteAlertLedger(before.database);
    const notices = [
      { channel: 'slack', body: '"a"' },
      { channel: 'mail', body: '"b"' },
      { channel: 'slack', body: '"c"' },
    ];
    ledger.record({ keep: [incident], forget: [], notices }, at);
    const first = ledger.next('slack');
    expect(first).toMatchObject({ body: '"a"', status: 'queued', attempts: 0, createdAt: at, fault: null });
    ledger.countAttempt(first!.id, fault);
    before.close();

    const after = openSqliteStore(path);
    const again = createSqliteAlertLedger(after.database);
    expect(again.incidents()).toEqual([incident]);
    expect(again.next('slack')).toMatchObject({ body: '"a"', attempts: 1, fault });
    again.finish(first!.id, 'sent', unixMs(9_000));
    expect(again.next('slack')).toMatchObject({ body: '"c"' });
    expect(again.next('mail')).toMatchObject({ body: '"b"' });
    expect(again.next('discord')).toBeUndefined();
    expect(again.history(10).map(({ body, status }) => [body, status])).toEqual([
      ['"c"', 'queued'],
      ['"b"', 'queued'],
      ['"a"', 'sent'],
    ]);
    again.record({ keep: [], forget: ['chain'], notices: [] }, at);
    expect(again.incidents()).toEqual([]);
    after.close();
  });

  it('drops the oldest message of a channel beyond its bound, and forgets long finished ones', () => {
    const store = openSqliteStore(':memory:');
    const ledger = createSqliteAlertLedger(store.database, { queued: 3, finished: 2 });
    for (const body of ['"1"', '"2"', '"3"', '"4"', '"5"']) ledger.record(message('slack', body), at);
    ledger.record(message('mail', '"m"'), at);
    expect(ledger.next('slack')).toMatchObject({ body: '"3"' });
    expect(ledger.totals()).toContainEqual({ channel: 'slack', status: 'dropped', count: 2 });
    expect(ledger.next('mail')).toMatchObject({ body: '"m"' });
    for (let entry = ledger.next('slack'); entry; entry = ledger.next('slack'))
      ledger.finish(entry.id, 'sent', at);
    expect(ledger.history(10).filter(({ status }) => status !== 'queued')).toHaveLength(2);
    store.close();
  });

  it('changes nothing when the commit fails', () => {
    const store = openSqliteStore(':memory:');
    const ledger = createSqliteAlertLedger(store.database);
    const bad = { channel: null as unknown as string, body: 'x' };
    expect(() => ledger.record({ keep: [incident], forget: [], notices: [bad] }, at)).toThrow();
    expect(ledger.incidents()).toEqual([]);
    store.close();
  });
});
