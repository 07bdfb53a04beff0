import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryDir } from '../../runtime/rig.ts';
import { AlertCase, leak, missed } from '../alert-case.ts';

const minute = 60_000;
const hour = 60 * minute;

let rig: AlertCase;
afterEach(() => rig.close());

const events = (name?: string): string[] => rig.told(name).map(({ event }) => event);

describe('the alert desk', () => {
  it('tells of what a chart raised within 30 s: kind, message, advice, link; reminds; tells the end', async () => {
    rig = new AlertCase();
    rig.desk.start();
    await rig.pass(12_345);
    const raisedAt = rig.clock.now();
    rig.raise(leak);
    while (rig.told().length === 0) await rig.pass(1_000);
    expect(rig.clock.now() - raisedAt).toBeLessThanOrEqual(30_000);
    expect(rig.told()[0]).toMatchObject({
      event: 'raised',
      kind: 'leak',
      severity: 'critical',
      message: leak.message,
      code: 'VAST_UNREACHABLE',
      runbook: 'http://127.0.0.1:9220/v1/runbooks/leak.md',
      node: 'hybrid-mlnode-1',
      since: new Date(raisedAt).toISOString(),
    });
    await rig.pass(6 * hour);
    rig.clear(leak.key);
    await rig.pass(10 * minute);
    expect(events()).toEqual(['raised', 'reminder', 'recovered']);
    expect(new Set(rig.told().map(({ id }) => id)).size).toBe(3);
  });

  it('raises what its watches see into the store, and clears it when they see it no more', async () => {
    rig = new AlertCase();
    rig.desk.start();
    rig.seen = [missed];
    await rig.pass(5_000);
    expect(rig.store.alerts.open(9)).toMatchObject([{ ...missed, rowId: 'alerts' }]);
    expect(rig.told()).toMatchObject([{ kind: 'poc-missed' }]);
    rig.raise(leak);
    rig.seen = [];
    await rig.pass(5_000);
    expect(rig.store.alerts.open(9).map(({ key }) => key)).toEqual([leak.key]);
  });

  it('repeats nothing after a crash, and forgets nothing that was not sent', async () => {
    const path = join(temporaryDir(), 's.sqlite');
    rig = new AlertCase({ path });
    rig.world().faults.set('down', 1);
    rig.desk.start();
    rig.raise(missed);
    await rig.pass(20_000);
    expect(rig.told()).toEqual([]);
    const startAt = rig.clock.now();
    await rig.close();

    rig = new AlertCase({ path, startAt });
    rig.desk.start();
    await rig.pass(30_000);
    expect(events()).toEqual(['raised']);
    const later = rig.clock.now();
    await rig.close();

    rig = new AlertCase({ path, startAt: later });
    rig.desk.start();
    await rig.pass(hour);
    expect(events()).toEqual([]);
  });

  it('sends a message whose answer was lost again, under the same id', async () => {
    rig = new AlertCase();
    rig.world().faults.set('lostAnswer', 1);
    rig.desk.start();
    rig.raise(missed);
    await rig.pass(minute);
    expect(rig.told().map(({ id }) => id)).toHaveLength(2);
    expect(new Set(rig.told().map(({ id }) => id)).size).toBe(1);
  });

  it('tries a channel that is away with growing pauses, in order, and gives a message up after a day', async () => {
    rig = new AlertCase();
    rig.world().faults.set('down', 1);
    rig.desk.start();
    rig.raise(missed);
    await rig.pass(hour);
    const attempts = rig.desk.view().notices.at(-1)?.attempts ?? 0;
    expect(attempts).toBeGreaterThan(10);
    expect(attempts).toBeLessThan(25);
    rig.raise({ ...leak, key: 'destroy:M' });
    await rig.pass(hour);
    rig.world().faults.set('down', 0);
    await rig.pass(6 * minute);
    expect(rig.told().map(({ kind, event }) => [kind, event])).toEqual([
      ['poc-missed', 'raised'],
      ['leak', 'raised'],
    ]);
    rig.world().faults.set('down', 1);
    rig.raise({ ...missed, key: 'poc-missed:8' });
    await rig.pass(26 * hour);
    expect(rig.desk.view().notices.map(({ status }) => status)).toContain('expired');
  });

  it('waits as long as a channel asks, and not for one that fails', async () => {
    rig = new AlertCase({ channels: ['webhook', 'slack'] });
    rig.world('slack').faults.set('down', 1);
    rig.world('webhook').faults.set('rateLimited', 2);
    rig.desk.start();
    rig.raise(missed);
    await rig.pass(40_000);
    expect(events('webhook')).toEqual(['raised']);
    expect(events('slack')).toEqual([]);
  });

  it('lets one message go that is refused, and goes on with the next', async () => {
    rig = new AlertCase();
    rig.world().faults.set('revoked', 0);
    rig.desk.start();
    rig.raise(missed);
    await rig.pass(5_000);
    rig.world().handle = async () => ({ status: 422, body: '' });
    rig.raise({ ...missed, key: 'poc-missed:8' });
    await rig.pass(5_000);
    expect(rig.desk.view().notices[0]).toMatchObject({
      status: 'refused',
      fault: { code: 'NOTIFY_REFUSED' },
    });
    expect(rig.desk.view().channels[0]).toMatchObject({ failures: 0 });
  });

  it('shows a channel whose address is wrong, and asks it again after minutes only', async () => {
    rig = new AlertCase();
    rig.world().faults.set('revoked', 1);
    rig.desk.start();
    rig.raise(missed);
    await rig.pass(10 * minute);
    expect(rig.desk.view().channels[0]).toMatchObject({
      fault: { code: 'NOTIFY_KEY_REFUSED', class: 'operator' },
      failures: 2,
    });
    rig.world().faults.set('revoked', 0);
    await rig.pass(5 * minute);
    expect(events()).toEqual(['raised']);
  });

  it('does not tell a channel of its own failure', async () => {
    rig = new AlertCase({ channels: ['webhook', 'slack'] });
    rig.desk.start();
    rig.seen = [{ key: 'channel:slack', code: 'NOTIFY_FAILING', message: 'slack answered 404' }];
    await rig.pass(minute);
    expect(events('webhook')).toEqual(['raised']);
    expect(events('slack')).toEqual([]);
  });

  it('tells past the store when the store fails, once, and tells the end', async () => {
    rig = new AlertCase();
    rig.desk.start();
    await rig.pass(minute);
    rig.store.database.exec('PRAGMA query_only=ON');
    await rig.pass(minute);
    expect(rig.told()).toMatchObject([{ event: 'raised', kind: 'store-failing', code: 'STORE_BROKEN' }]);
    await rig.pass(hour);
    expect(rig.told()).toHaveLength(1);
    rig.store.database.exec('PRAGMA query_only=OFF');
    await rig.pass(minute);
    expect(events()).toEqual(['raised', 'recovered']);
  });

  it('sends one line of a message, without control characters, and no more than is fit to read', async () => {
    rig = new AlertCase();
    rig.desk.start();
    rig.raise({ ...missed, message: `a\u0000b\r\nc${'x'.repeat(5_000)}` });
    await rig.pass(10_000);
    const [notice] = rig.told();
    expect(notice?.message).toMatch(/^a b cx+$/);
    expect(notice?.message.length).toBe(600);
  });
});
