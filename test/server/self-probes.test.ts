import { afterEach, describe, expect, test } from 'vitest';
import { createSelfProbes, selfProbeHeader } from '../../src/server/self-probes.ts';
import { gatewayCase, type GatewayCase } from './gateway-case.ts';

describe('a request of the daemon to itself', () => {
  let gateway: GatewayCase | undefined;
  afterEach(() => gateway?.app.close());

  test('is recognised where it arrives, while it is awaited', async () => {
    const selfProbes = createSelfProbes();
    gateway = await gatewayCase({ selfProbes });
    const probe = selfProbes.open();
    expect(probe.hasArrived()).toBe(false);
    await fetch(`${gateway.origin}/api/v1/state`, { headers: { [selfProbeHeader]: 'of somebody else' } });
    expect(probe.hasArrived()).toBe(false);
    await fetch(`${gateway.origin}/api/v1/state`, { headers: { [selfProbeHeader]: probe.number } });
    expect(probe.hasArrived()).toBe(true);
    probe.close();
    selfProbes.arrived(probe.number);
    expect(probe.hasArrived()).toBe(false);
  });

  test('is recognised before the gate, and leaves no trace in the answer', async () => {
    const selfProbes = createSelfProbes();
    const nobody = { from: [], managementFrom: [], tokens: [], managementCallers: [] };
    gateway = await gatewayCase({ selfProbes, access: nobody });
    const probe = selfProbes.open();
    const headers = { [selfProbeHeader]: probe.number };
    const answer = await fetch(`${gateway.origin}/api/v1/state`, { headers });
    expect([answer.status, probe.hasArrived()]).toEqual([401, true]);
    expect(`${await answer.text()} ${JSON.stringify([...answer.headers])}`).not.toContain(probe.number);
  });
});
