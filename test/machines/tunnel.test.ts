import { describe, expect, test } from 'vitest';
import type { TunnelContext } from '../../src/machines/tunnel.ts';
import { volatileCharts } from '../../src/wiring/charts.ts';
import { OneRow } from './one-row.ts';

const input = {
  leaseId: 'A',
  endpoints: [{ via: 'proxy', host: 'ssh5.example', port: 22_022 }],
  hostKey: null,
  callbackPort: 23_456,
  authGraceMs: 60_000,
};
const tunnel = () => new OneRow<TunnelContext>(volatileCharts.tunnel, ['openSession', 'holdSession'], input);
const hostKey = 'ssh-ed25519 AAAA';

async function open(): Promise<OneRow<TunnelContext>> {
  const row = tunnel();
  await row.done({ hostKey });
  return row;
}

describe('the tunnel to a machine', () => {
  test('connects with everything that the session needs, and holds it', async () => {
    const row = await tunnel().started();
    expect(row.running).toEqual({ actor: 'openSession', input });
    await row.done({ hostKey });
    expect(row.state).toBe('open');
    expect(row.running).toEqual({ actor: 'holdSession', input: { leaseId: 'A' } });
  });

  test('reconnects after a loss with the host key that it pinned and the same callback port', async () => {
    const row = await open();
    await row.fail('SSH_LOST');
    expect(row.state).toBe('backoff');
    expect(row.context.fault?.code).toBe('SSH_LOST');
    expect(await row.lasts(2_000)).toBe(true);
    expect(row.running).toEqual({ actor: 'openSession', input: { ...input, hostKey } });
    await row.done({ hostKey });
    expect(row.context).toMatchObject({ tries: 0, fault: null });
  });

  test('a session that ends without a fault is a loss too', async () => {
    const row = await open();
    await row.done();
    expect(row.state).toBe('backoff');
    expect(await row.lasts(1_000)).toBe(true);
    expect(row.state).toBe('connecting');
  });

  test('waits longer after each failure, half a minute at most', async () => {
    const row = tunnel();
    for (const seconds of [2, 4, 8, 16, 30, 30]) {
      await row.fail('SSH_UNREACHABLE');
      expect(row.state).toBe('backoff');
      expect(await row.lasts(seconds * 1_000)).toBe(true);
    }
  });

  test.each(['SSH_HOST_KEY_CHANGED', 'SSH_KEY_UNREADABLE'] as const)('%s is beyond mending', async (code) => {
    const row = tunnel();
    await row.fail(code);
    expect(row.state).toBe('broken');
    expect(row.isDone).toBe(true);
    expect(row.context.fault?.code).toBe(code);
  });

  test('a changed host key breaks it also at a reconnect', async () => {
    const row = await open();
    await row.fail('SSH_LOST');
    await row.rig.clock.advanceBy(2_000);
    await row.fail('SSH_HOST_KEY_CHANGED');
    expect(row.state).toBe('broken');
  });

  test('a refused key is forgiven while the machine is fresh, not for ever', async () => {
    const row = tunnel();
    for (const seconds of [2, 4, 8, 16, 30]) {
      await row.fail('SSH_AUTH_REFUSED');
      expect(row.state).toBe('backoff');
      await row.rig.clock.advanceBy(seconds * 1_000);
    }
    await row.fail('SSH_AUTH_REFUSED');
    expect(row.state).toBe('backoff');
    await row.rig.clock.advanceBy(30_000);
    await row.fail('SSH_AUTH_REFUSED');
    expect(row.state).toBe('broken');
  });

  test('a session in between starts the patience with a refused key anew', async () => {
    const row = tunnel();
    await row.fail('SSH_AUTH_REFUSED');
    expect(row.context.refusedSince).toBe(row.rig.clock.now());
    await row.rig.clock.advanceBy(2_000);
    await row.done({ hostKey });
    expect(row.context.refusedSince).toBeNull();
  });

  test.each(['connecting', 'open', 'backoff'])('is closed on demand while %s', async (state) => {
    const row = state === 'connecting' ? tunnel() : await open();
    if (state === 'backoff') await row.fail('SSH_LOST');
    expect(row.state).toBe(state);
    await row.send({ type: 'TUNNEL.CLOSE_ASKED' });
    expect(row.state).toBe('closed');
    expect(row.isDone).toBe(true);
    await row.rig.clock.advanceBy(60_000);
    expect(row.running).toBeUndefined();
  });
});
