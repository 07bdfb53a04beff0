import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { findingsOf } from '../../src/cli/doctor.ts';
import type { Finding, Host } from '../../src/cli/doctor/finding.ts';
import { thisHost } from '../../src/cli/doctor/this-host.ts';
import { capturedIo } from './captured-io.ts';
import { doctorIn, named, type Report } from './doctor-case.ts';
import { type OperatorTown, operatorTown } from './operator-town.ts';

let town: OperatorTown;
beforeEach(async () => {
  town = await operatorTown();
});
afterEach(() => town.close());

const doctor = (changes: Readonly<Record<string, string>> = {}) => doctorIn(town, changes);

describe('the doctor', () => {
  it('says every setting that is wrong, and ends with the code of settings', async () => {
    const { code, report } = await doctor({ VASTAI_MAX_PRICE: 'cheap', POC_CHECK_INTERVAL: 'often' });
    expect(code).toBe(2);
    const said = report.checks.filter(({ check }) => check === 'settings').map(({ message }) => message);
    expect(said.join('\n')).toMatch(
      /VASTAI_MAX_PRICE[^]*POC_CHECK_INTERVAL|POC_CHECK_INTERVAL[^]*VASTAI_MAX_PRICE/,
    );
  });

  const findingsWith = async (host: Partial<Host>, env: Readonly<Record<string, string>> = {}) => {
    const io = capturedIo({ env: { ...town.env, ...env }, cwd: town.dir });
    return findingsOf(io, AbortSignal.timeout(8_000), { ...thisHost, ...host });
  };
  const level = (findings: readonly Finding[], check: string): string =>
    findings
      .filter((finding) => finding.check === check)
      .map((finding) => `${finding.level}: ${finding.message}`)
      .join('; ');

  it('measures the clock against the neighbours, and how wrong it is', async () => {
    expect(level(await findingsWith({ now: () => Date.now() + 90_000 }), 'clock')).toMatch(
      /^error: .*(89|90|91) s ahead of/,
    );
    expect(level(await findingsWith({ now: () => Date.now() - 20_000 }), 'clock')).toMatch(
      /^warning: .*s behind/,
    );
    expect(level(await findingsWith({}), 'clock')).toMatch(/^ok/);
  });

  it('warns of a disk that is nearly full, and calls a full one an error', async () => {
    expect(level(await findingsWith({ freeBytes: () => 1e9 }), 'state.disk')).toMatch(
      /^warning: 0\.9 GB free/,
    );
    expect(level(await findingsWith({ freeBytes: () => 1e7 }), 'state.disk')).toMatch(/^error/);
  });

  it('warns of ports of the Network Node that listen on a public address, and of nothing behind one', async () => {
    const addresses = () => ['127.0.0.1', '10.0.0.4', '203.0.113.7'];
    const open = {
      addresses,
      listeners: () => [
        { address: '0.0.0.0', port: 9100 },
        { address: '203.0.113.7', port: 9200 },
      ],
    };
    const said = level(await findingsWith(open), 'exposure');
    expect(said).toMatch(/warning: port 9100 .*203\.0\.113\.7; warning: port 9200/);
    const closed = {
      addresses,
      listeners: () => [
        { address: '127.0.0.1', port: 9100 },
        { address: '10.0.0.4', port: 9200 },
      ],
    };
    expect(level(await findingsWith(closed), 'exposure')).toMatch(/^ok/);
    const home = {
      addresses: () => ['192.168.1.4', 'fe80::1'],
      listeners: () => [{ address: '0.0.0.0', port: 9200 }],
    };
    expect(level(await findingsWith(home), 'exposure')).toMatch(/^ok: this host has no public address/);
    const any = {
      addresses,
      listeners: () => [{ address: '::', port: Number(town.env['HYPERBOLIC_PROXY_PORT']) }],
    };
    expect(level(await findingsWith(any, { ALLOW_FROM: 'any' }), 'exposure')).toMatch(
      /warning: the gateway on 203/,
    );
  });

  it('warns of a key that others can read, and of an address that is not here', async () => {
    chmodSync(town.keyPath, 0o644);
    const findings = await findingsWith({ addresses: () => ['10.0.0.4'] }, { VPS_IP: '203.0.113.7' });
    expect(level(findings, 'sshKey')).toMatch(/^warning: .*can be read by others/);
    expect(level(findings, 'address')).toMatch(/^warning: VPS_IP 203\.0\.113\.7 is no address/);
  });

  it('warns of a chain source that is behind the others, or silent beside one that answers', async () => {
    const findings = await findingsWith(
      {},
      { GONKA_NETWORK_NODE_URL: `${town.url('chain')},http://127.0.0.1:9` },
    );
    expect(level(findings, 'chain')).toMatch(/^ok: .*; warning: http:\/\/127\.0\.0\.1:9: CHAIN_UNREACHABLE/);
  });

  it('takes no key for a deployment that has none, and says where its name stands', async () => {
    const { DEPLOYMENT_ID: _, ...env } = town.env;
    rmSync(join(town.dir, 'state'), { recursive: true, force: true });
    const io = capturedIo({ env, cwd: town.dir });
    await dispatch(['doctor', '--json'], io);
    const report = JSON.parse(io.out()) as Report;
    expect(named(report, 'warning')).toContain('state.deployment');
  });

  it('looks at nothing of Vast.ai when nothing is ever rented', async () => {
    await town.end('vast');
    const { code, report } = await doctor({ RENTAL_POLICY: 'off' });
    expect(report.checks.filter(({ check }) => check.startsWith('vast')).map(({ check }) => check)).toEqual([
      'vast',
    ]);
    expect(code).toBe(0);
  });
});
