import { expect } from 'vitest';
import { FleetCase } from './fleet-case.ts';

export const minute = 60_000;

/** A fleet of A, B, C … that has generated for two minutes. */
export async function generating(width: number, ready = width): Promise<FleetCase> {
  const fleet = new FleetCase(width);
  for (const leaseId of 'ABCDEFGH'.slice(0, ready)) fleet.ready(leaseId);
  await fleet.stop();
  expect(await fleet.call('init/generate')).toMatchObject({ kind: 'answer', status: 200 });
  await fleet.clock.advanceBy(2 * minute);
  return fleet;
}
