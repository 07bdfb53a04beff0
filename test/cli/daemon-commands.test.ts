import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { type CapturedIo, capturedIo } from './captured-io.ts';
import { at, lease, ScriptedDaemon } from './scripted-daemon.ts';

let daemon: ScriptedDaemon;
let port: string;
beforeEach(async () => {
  daemon = new ScriptedDaemon();
  port = await daemon.listen();
});
afterEach(() => daemon.close());

async function run(
  words: readonly string[],
  io: CapturedIo = capturedIo({ env: { INSPECTION_PORT: port } }),
) {
  return { code: await dispatch(words, io), out: io.out(), err: io.err() };
}

describe('status', () => {
  it('tells a person on one screen what the node is, what comes next, what it costs and what is wrong', async () => {
    const { code, out } = await run(['status']);
    expect(code).toBe(0);
    expect(out).toBe(
      `${[
        'node      presents INFERENCE; inference by hyperbolic is up, model org/model',
        'chain     following at height 2,089,000, Inference, a block in 5.35 s',
        'next      in 120 blocks (about 10 min), at 2,089,120: a machine is rented, PoC 136',
        `machines  ${lease.leaseId} held.ready: 2 × RTX 4090, instance 7, $0.6100/h`,
        'money     $1.2000 of $2.0000 spent or reserved today',
        'callbacks 3 wait for delivery, 1 that nobody asked for',
        'alerts    VAST_NO_CREDIT the account is empty',
      ].join('\n')}\n`,
    );
  });

  it('looks again and again with --watch, until Ctrl-C, and waits for a daemon that restarts', async () => {
    const io = capturedIo({ env: { INSPECTION_PORT: port } });
    const looks: string[] = [];
    const watched = { ...io, stdout: { write: (text: string) => void looks.push(text) } };
    const running = dispatch(['status', '--watch', '--json', '--interval', '0.2'], watched);
    await expect.poll(() => looks.length).toBeGreaterThan(1);
    daemon.close();
    await expect.poll(() => io.err()).toContain('DAEMON_NOT_RUNNING');
    io.stop('SIGINT');
    expect(await running).toBe(0);
    expect(looks.every((look) => JSON.parse(look) !== null)).toBe(true);
  });
});

describe('epochs', () => {
  it('lists them with outcome, work and cost', async () => {
    const { code, out } = await run(['epochs']);
    expect(code).toBe(0);
    expect(out).toMatch(/^ *135 +settled +completed +76 +8 +1 +\$0\.4022 +\$5\.2921$/m);
  });

  it('tells one step by step, with its machines', async () => {
    const { out } = await run(['epochs', '135']);
    expect(out).toContain(lease.leaseId);
    expect(out).toContain('epoch 135 looks for a machine');
    expect(JSON.parse((await run(['epochs', '135', '--json'])).out)).toMatchObject({
      epoch: { epochIndex: 135 },
    });
  });

  it('says when there is none of that number', async () => {
    expect(await run(['epochs', '7'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no such epoch'),
    });
    expect(await run(['epochs', 'last'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('"last" is no epoch'),
    });
  });
});

describe('leases', () => {
  it('lists them, open ones alone if wanted', async () => {
    daemon.leases = [
      lease,
      {
        ...lease,
        leaseId: '01K7A00000000000000000GONE',
        status: 'done',
        state: 'gone',
        endedAt: at + 3_660_000,
        settledMicroUsd: 655_000,
        reason: 'PoC 134 is over',
      },
    ];
    const { out } = await run(['leases']);
    expect(out).toMatch(
      /01K7A00000000000000000GONE +gone +31415926 +2 × RTX 4090 +\$0\.6100 +\$0\.6550 +- +1 h 0 min +PoC 134 is over/,
    );
    expect((await run(['leases', '--open'])).out).not.toContain('GONE');
    expect(JSON.parse((await run(['leases', '--open', '--json'])).out)).toMatchObject({
      leases: [{ status: 'active' }],
    });
  });
});

describe('logs', () => {
  it('tells the journal as a story, or step by step as JSON', async () => {
    const { out } = await run(['logs']);
    expect(out).toBe(
      `${new Date(at + 3).toISOString()}  epoch 135 approaches; heads are followed block by block\n${new Date(at + 4).toISOString()}  epoch 135 looks for a machine\n`,
    );
    const lines = (await run(['logs', '--json'])).out.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([3, 4]);
  });

  it('goes on as it happens with --follow, behind the last step that was seen, over a restart of the daemon', async () => {
    const io = capturedIo({ env: { INSPECTION_PORT: port } });
    const running = run(['logs', '-f', '--lines', '0'], io);
    await expect.poll(() => io.out(), { timeout: 5_000 }).toContain('has its machine ready');
    io.stop('SIGINT');
    const { code, out } = await running;
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toContain(`${new Date(at + 5).toISOString()}  epoch 135 has taken a machine`);
    expect(out).not.toContain('approaches');
  });
});

describe('release', () => {
  it('asks first, and does nothing where nobody can be asked', async () => {
    const { code, err } = await run(['release', '31415926']);
    expect(code).toBe(2);
    expect(err).toContain('This returns instance 31415926');
    const person = capturedIo({ env: { INSPECTION_PORT: port }, stdin: 'no\n', isInteractive: true });
    expect(await run(['release', '--all'], person)).toMatchObject({ code: 2 });
    expect(daemon.orders).toEqual([]);
  });

  it('orders the return of one machine, by instance or lease, and waits for the proof', async () => {
    daemon.onOrder = () => {
      setTimeout(() => {
        daemon.leases = [{ ...lease, status: 'done', state: 'gone' }];
      }, 100);
      return { status: 202, answer: { asked: [] } };
    };
    const { code, out } = await run(['release', '31415926', '--yes', '--json']);
    expect(code).toBe(0);
    expect(daemon.orders).toEqual([{ path: '/v1/orders/release', body: { leaseId: lease.leaseId } }]);
    expect(JSON.parse(out)).toEqual({
      returned: [{ leaseId: lease.leaseId, instanceId: 31_415_926, label: lease.label }],
      left: [],
    });
  });

  it('names what is not proven gone in time, with an exit code of its own', async () => {
    const { code, err } = await run(['release', '--all', '--yes', '--wait', '0']);
    expect(code).toBe(4);
    expect(daemon.orders).toEqual([{ path: '/v1/orders/release', body: { all: true } }]);
    expect(err).toContain('instance 31415926');
    expect(err).toContain('is not proven gone yet');
  });

  it('wants one machine or all, and a machine that is there', async () => {
    expect((await run(['release'])).err).toContain('name one machine, or say --all');
    expect((await run(['release', '1', '--all'])).err).toContain('name one machine, or say --all');
    expect((await run(['release', '999', '--yes'])).err).toContain('no open lease is called 999');
    daemon.leases = [];
    expect(await run(['release', '--all', '--yes'])).toMatchObject({
      code: 0,
      err: expect.stringContaining('no machine to return'),
    });
  });
});

describe('rent', () => {
  const plan = { epochIndex: 136, mode: 'epoch', rentHeight: 100, pocStartHeight: 220, holdUntilHeight: 820 };
  it('orders a machine for the coming PoC after a yes, and says what holds now', async () => {
    daemon.onOrder = () => ({ status: 202, answer: plan });
    const { code, out } = await run(['rent', '--until', 'epoch-end', '--yes']);
    expect(code).toBe(0);
    expect(daemon.orders).toEqual([{ path: '/v1/orders/rent', body: { until: 'epoch-end' } }]);
    expect(out).toContain('renting at height 100 for PoC 136, which starts at 220; kept until 820');
  });

  it('passes the refusal of the daemon on', async () => {
    daemon.onOrder = () => ({
      status: 409,
      answer: { error: 'RENTAL_POLICY is off: this daemon rents nothing' },
    });
    expect(await run(['rent', '--until', 'validation-end', '--yes'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('RENTAL_POLICY is off'),
    });
  });

  it('rents nothing without a yes, or until something that is no height', async () => {
    expect((await run(['rent', '--until', 'epoch-end'])).err).toContain('--yes');
    expect((await run(['rent', '--until', 'tomorrow'])).err).toContain('--until must be');
    expect(daemon.orders).toEqual([]);
  });
});
