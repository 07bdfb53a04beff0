import type { EpochContext } from '../../src/machines/epoch-context.ts';
import type { EpochPlan } from '../../src/policy/epoch-plan.ts';
import type { RowEvent } from '../../src/runtime/interface.ts';
import { blockHeight } from '../../src/units.ts';
import { charts } from '../../src/wiring/charts.ts';
import { samplePlan } from '../model/sample-rows.ts';
import { OneRow } from './one-row.ts';

export const plan = (mode: EpochPlan['mode'], width: number): EpochPlan => ({
  ...samplePlan(mode),
  width,
  crewMax: 2 * width,
  launchHeights: [950, 970].map(blockHeight),
});
export const epoch = (mode: EpochPlan['mode'], width: number) =>
  new OneRow<EpochContext>(
    charts.epoch,
    ['findKeptCrew', 'chooseOffer', 'countWork'],
    { plan: plan(mode, width) },
    'epoch:7',
  );
export const opening = (leaseId: string, machineId = 70) => ({
  leaseId,
  machineId,
  opening: { chart: 'chart', id: `played:${leaseId}`, input: { plan: samplePlan('off') } },
});
export const news = (type: string, leaseId: string, facts: object = {}): RowEvent => ({
  type,
  leaseId,
  machineId: 70,
  fault: null,
  reason: null,
  ...facts,
});
export const terminal = { code: 'VAST_INSTANCE_FAILED', class: 'terminal', message: 'it failed' };
export const height = (row: OneRow, at: number): void => row.rig.runtime.heightReached(blockHeight(at));

/** What the row has told another one, by the other one's name. */
export const told = (row: OneRow, to: string): unknown[] =>
  row.rig
    .events('epoch:7')
    .filter((event) => event.type === 'runtime.undelivered' && event['to'] === to)
    .map((event) => event['event']);
export const typesTold = (row: OneRow, to: string) => told(row, to).map((event) => (event as RowEvent).type);
export const crewOf = (row: OneRow<EpochContext>) => row.context.crew.map(({ leaseId }) => leaseId);

export async function renting(mode: EpochPlan['mode'], width: number): Promise<OneRow<EpochContext>> {
  const row = epoch(mode, width);
  height(row, 950);
  await row.started();
  await row.done({ from: null, leases: [] });
  return row;
}
export async function staffed(mode: EpochPlan['mode']): Promise<OneRow<EpochContext>> {
  const row = await renting(mode, 2);
  for (const [leaseId, machineId] of [
    ['A', 70],
    ['B', 71],
  ] as const)
    await row.done(opening(leaseId, machineId));
  for (const leaseId of ['A', 'B']) await row.send(news('LEASE.READY', leaseId));
  return row;
}
