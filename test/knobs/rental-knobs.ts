import type { Config } from '../../src/config/config.ts';
import { unixMs } from '../../src/units.ts';
import { blockTimeMs, daemonOf, head, startAt } from './quiet-daemon.ts';
import { rentalOf } from './rental.ts';
import type { Knob } from './knob.ts';
import type { Place } from './place.ts';

const plan = (config: Config, place: Place) =>
  daemonOf(config, place).daemon.planning.planner.plan(head, blockTimeMs);

/** What becomes of the search for a machine, so many of which have failed before. */
const chosen =
  (failures: number) =>
  (config: Config, place: Place): Promise<unknown> =>
    rentalOf(config, place, failures).then(
      ({ chosen: { machineId } }) => machineId,
      (error: { code?: string }) => error.code,
    );

const planned = 'the plan of the next PoC';
const left = (config: Config, place: Place): unknown =>
  daemonOf(config, place).daemon.planning.budgetLeft('epoch:137', unixMs(startAt + 3_600_000));

/** When machines are rented, how many, for how long and for how much. */
export const rentalKnobs: readonly Knob[] = [
  { name: 'RENTAL_POLICY', seen: planned, values: ['sprint', 'epoch'], observe: plan },
  { name: 'POC_PREP_TIME', seen: planned, values: ['', '3600'], observe: plan },
  { name: 'POC_CHECK_INTERVAL', seen: planned, values: ['300', '600'], observe: plan },
  { name: 'POC_VALUE', seen: planned, values: ['0.5', '200'], observe: plan },
  { name: 'POC_HEDGES', seen: planned, values: ['0', '5'], observe: plan },
  { name: 'GPU_FLEET_WIDTH', seen: planned, values: ['1', '3'], observe: plan },
  { name: 'CHAIN_HALT_LIMIT', seen: planned, values: ['1800', '3600'], observe: plan },
  {
    name: 'MAX_POC_DURATION',
    seen: 'whether a rental that lasts long is begun',
    values: ['600', '10800'],
    observe: chosen(0),
  },
  {
    name: 'VASTAI_START_RETRIES',
    seen: 'whether another machine is looked for after three that failed',
    values: ['2', '5'],
    observe: chosen(3),
  },
  {
    name: 'MAX_DAILY_SPEND',
    seen: 'what the next rental may cost',
    values: ['1', '2'],
    observe: left,
  },
  {
    name: 'MAX_EPOCH_SPEND',
    seen: 'what the next rental may cost',
    values: ['', '0.5'],
    observe: left,
  },
  {
    name: 'POC_VERSION',
    seen: 'which PoC machines are rented for',
    values: ['auto', 'v2'],
    observe: (config, place) => daemonOf(config, place).daemon.planning.pocVersion(),
  },
];
