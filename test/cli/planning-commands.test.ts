import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { DaemonCase } from '../wiring/daemon-case.ts';
import { capturedIo } from './captured-io.ts';

const chain = { firstPocStartHeight: 2_090_500, params: { epochLength: 15_391 } };
const settings = { POC_PREP_TIME: '10800', MAX_POC_DURATION: '86400' };

let daemons: DaemonCase;
let port: string;
beforeEach(async () => {
  daemons = await DaemonCase.build({ settings, chain });
});
afterEach(() => daemons.close());

async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
  port = new URL((await daemons.start(more)).inspectionUrl).port;
}

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo({ env: { INSPECTION_PORT: port } });
  const code = await dispatch(words, io);
  return { code, out: io.out(), err: io.err() };
}

describe('plan', () => {
  it('tells every height that lies ahead with its time, the chances, and what each policy costs', async () => {
    await start({ POC_HEDGES: '1' });
    await daemons.leases((leases) => leases.length > 0);
    const { code, out } = await run('plan');
    expect(code).toBe(0);
    expect(out).toMatch(/^PoC 136: sprint \(/);
    expect(out).toMatch(/^2090500 +in \d+ blocks +(\d h )?\d+ min +PoC starts$/m);
    expect(out).toMatch(/^20\d{5} +passed +a machine is rented, unless one that is held can stay$/m);
    expect(out).toMatch(/^20\d{5} +in \d+ blocks .* another one, if none is ready$/m);
    expect(out).toMatch(/^20\d{5} +in \d+ blocks .* the machine is returned$/m);
    expect(out).toMatch(/^ready at poc_start \d+\.\d%, missed \d+\.\d+%; 1\.\d launches, /m);
    expect(out).toMatch(/^sprint \* +\$\d+\.\d\d +0\.\d +\S+$/m);
    expect(out).toMatch(/^epoch +\$\d+\.\d\d +\d\d\.\d +\S+$/m);
  });

  it('is the same for programs, in numbers', async () => {
    await start();
    await daemons.leases((leases) => leases.length > 0);
    const { plan } = JSON.parse((await run('plan', '--json')).out) as {
      plan: { steps: { height: number; blocksLeft: number; aboutSeconds: number }[]; height: number };
    };
    expect(plan).toMatchObject({
      epochIndex: 136,
      mode: 'sprint',
      policy: 'sprint',
      width: 1,
      warning: null,
    });
    const heights = plan.steps.map(({ height }) => height);
    expect(heights).toEqual(heights.toSorted((a, b) => a - b));
    for (const { height, blocksLeft } of plan.steps) expect(blocksLeft).toBe(height - plan.height);
  });

  it('fails in words where no daemon runs', async () => {
    await start();
    await daemons.stop();
    expect(await run('plan')).toMatchObject({
      code: 1,
      err: expect.stringContaining('DAEMON_NOT_RUNNING'),
    });
  });
});

describe('hosts', () => {
  it('lists a machine that failed with the reason, and trusts it again when it is told to', async () => {
    await daemons.town.fault('vast', 'ociFails', 1);
    await start();
    expect((await run('hosts')).out).toBe('every machine is trusted\n');
    const [first] = await daemons.leases((leases) => leases.some(({ value }) => value === 'gone'));
    const machineId = first?.offer.machineId ?? 0;
    const { out } = await run('hosts');
    expect(out).toMatch(new RegExp(`^ *${machineId} +\\d+% +1 +0 +20\\d\\d-\\S+ +\\S`, 'm'));
    const { hosts } = JSON.parse((await run('hosts', '--json')).out) as { hosts: { trust: number }[] };
    expect(hosts).toMatchObject([
      { machineId, rentals: 1, ready: 0, reasons: [{ fault: expect.any(String) }] },
    ]);
    expect(hosts[0]?.trust).toBeLessThan(1);
    expect(await run('hosts', 'clear', `${machineId}`)).toMatchObject({
      code: 0,
      out: '1 machine is trusted again\n',
    });
    expect((await run('hosts', 'clear', `${machineId}`)).out).toBe(`machine ${machineId} was trusted\n`);
    expect((await run('hosts')).out).toBe('every machine is trusted\n');
  });

  it('trusts all of them again after a yes alone, and takes nothing that is no machine id', async () => {
    await start();
    expect(await run('hosts', 'clear', '--all')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes'),
    });
    expect((await run('hosts', 'clear', '--all', '--yes')).out).toBe('every machine was trusted\n');
    expect(await run('hosts', 'clear', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining('"x" is no machine id'),
    });
    expect(await run('hosts', 'forget')).toMatchObject({ code: 2 });
  });
});
