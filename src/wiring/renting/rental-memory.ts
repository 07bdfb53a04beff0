import { meteredCost } from '../../policy/metering.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import { type BootRecord, typicalSeconds } from '../../policy/boot-model.ts';
import { type Distrust, type DistrustReason, distrustReason } from '../../policy/machine-memory.ts';
import type { NonceRecord } from '../../policy/nonce-rate.ts';
import type { Runtime } from '../../runtime/interface.ts';
import type { RememberedRental, RentalRecord, RentalTable } from '../../runtime/sqlite-rentals.ts';
import { unixMs, type UnixMs } from '../../units.ts';

/** Rentals kept in memory; more of them teach nothing new. */
const rememberedMax = 250;
/** Leases of which a life that ended suddenly may not have told. */
const untoldMax = 8;
/** A machine that was let go while it loaded counts as one that never booted after so many times the usual. */
const hopelessFactor = 3;

export interface RentalMemoryOptions {
  readonly rows: Pick<Runtime, 'rows' | 'row' | 'onStep'>;
  readonly table: RentalTable;
  readonly image: string;
  readonly imageGb: number;
}

/** What rentals taught: read for every plan and every choice, durable, and the same after a restart. */
export interface RentalMemory {
  /** Grows whenever anything was learnt. */
  readonly version: number;
  /** Newest last. */
  readonly all: readonly RememberedRental[];
  boots(): readonly BootRecord[];
  distrusts(): readonly Distrust[];
  nonces(): readonly NonceRecord[];
  noteWork(leaseId: string, nonces: number, workMs: number): void;
  /** Returns how many machines are trusted again. */
  forgive(machineId: number | 'all'): number;
  stop(): void;
}

export function createRentalMemory({ rows, table, image, imageGb }: RentalMemoryOptions): RentalMemory {
  let all = [...table.newest(rememberedMax)];
  let version = 1;
  const keep = (record: RentalRecord): void => {
    table.keep(record);
    const before = all.find(({ leaseId }) => leaseId === record.leaseId);
    const known = { isForgiven: false, nonces: null, workMs: null, ...before, ...record };
    all =
      before === undefined
        ? [...all, known].slice(-rememberedMax)
        : all.map((one) => (one === before ? known : one));
    version += 1;
  };
  const learn = (rowId: string, at: UnixMs): void => {
    const row = rows.row(rowId);
    if (row === undefined) return;
    const context = row.context as LeaseContext;
    // Nothing was rented: somebody else was faster, or the account is empty.
    if (context.instanceId === null && context.fault?.code !== 'VAST_CREATE_REFUSED') return;
    keep(recordOf(context, image, imageGb, row.value === 'gone' ? at : null));
  };
  for (const row of rows.rows({ chart: 'lease', all: true, limit: untoldMax })) {
    const told = all.find(({ leaseId }) => `lease:${leaseId}` === row.id);
    if (row.value === 'gone' && (told === undefined || told.endedAt === null)) learn(row.id, row.updatedAt);
  }
  const unsubscribe = rows.onStep((entry) => {
    if (entry.chart !== 'lease') return;
    const { type } = entry.event;
    if (entry.value === 'gone') learn(entry.rowId, entry.at);
    else if (isHeld(entry.value) && (type === 'LEASE.HANDED_OVER' || type.startsWith('xstate.done')))
      learn(entry.rowId, entry.at);
  });

  return {
    get version() {
      return version;
    },
    get all() {
      return all;
    },
    boots: () => all.flatMap(bootOf),
    distrusts: () =>
      all.flatMap(({ machineId, distrust, isForgiven, endedAt }) =>
        distrust === null || isForgiven || endedAt === null
          ? []
          : [{ machineId, reason: distrust as DistrustReason, at: endedAt }],
      ),
    nonces: () =>
      all.flatMap(({ gpuName, gpuCount, gpuRamMb, nonces, workMs }) =>
        nonces === null || workMs === null || gpuRamMb === 0
          ? []
          : [{ gpuName, gpuCount, gpuRamMb, nonces, minutes: workMs / 60_000 }],
      ),
    noteWork: (leaseId, nonces, workMs) => {
      table.noteWork(leaseId, nonces, workMs);
      all = all.map((one) => (one.leaseId === leaseId ? { ...one, nonces, workMs } : one));
      version += 1;
    },
    forgive: (machineId) => {
      const machines = new Set(
        all
          .filter((one) => one.distrust !== null && !one.isForgiven)
          .filter((one) => machineId === 'all' || one.machineId === machineId)
          .map((one) => one.machineId),
      );
      table.forgive(machineId);
      all = all.map((one) =>
        machineId === 'all' || one.machineId === machineId ? { ...one, isForgiven: true } : one,
      );
      version += 1;
      return machines.size;
    },
    stop: unsubscribe,
  };
}

const isHeld = (value: unknown): boolean => typeof value === 'object' && value !== null && 'held' in value;

function recordOf(
  context: LeaseContext,
  image: string,
  imageGb: number,
  endedAt: UnixMs | null,
): RentalRecord {
  const { offer, fault, openedAt, runningAt, readyAt } = context;
  return {
    leaseId: context.leaseId,
    owner: context.owner,
    machineId: offer.machineId,
    image,
    gpuName: offer.gpuName,
    gpuCount: offer.gpuCount,
    gpuRamMb: offer.gpuRamMb ?? 0,
    inetDownMbps: offer.inetDownMbps ?? 0,
    reliability: offer.reliability ?? 0,
    gpuPrice: offer.gpuPrice,
    diskPrice: offer.diskPrice,
    trafficUsd: offer.trafficUsd,
    openedAt,
    ownedSince: context.ownedSince ?? openedAt,
    runningAt,
    readyAt,
    endedAt,
    settled:
      endedAt === null || context.instanceId === null
        ? null
        : meteredCost({ ...offer, createdAt: openedAt, runningAt, endedAt }),
    fault: fault?.code ?? null,
    distrust: distrustOf(context, imageGb, endedAt),
  };
}

function distrustOf(context: LeaseContext, imageGb: number, endedAt: UnixMs | null): DistrustReason | null {
  const { fault, offer, openedAt, runningAt, readyAt } = context;
  if (endedAt === null || fault?.class === 'operator') return null;
  if (fault !== null) return distrustReason(fault.code, readyAt !== null);
  if (runningAt !== null) return null;
  const usualMs =
    1_000 * typicalSeconds({ imageGb, modelGb: 0 }, { inetDownMbps: offer.inetDownMbps ?? 500 });
  return endedAt - openedAt > hopelessFactor * usualMs ? 'too_slow' : null;
}

/** A machine that was let go before it was ready tells how long it had taken by then, and no more. */
function bootOf(rental: RememberedRental): BootRecord[] {
  const { readyAt, runningAt, openedAt, endedAt, distrust } = rental;
  if (distrust === 'refused' || (readyAt === null && endedAt === null)) return [];
  const isReady = readyAt !== null ? true : distrust !== null ? false : null;
  const loadMs =
    isReady !== false && runningAt !== null && runningAt > openedAt ? runningAt - openedAt : null;
  return [
    {
      at: unixMs(endedAt ?? rental.ownedSince),
      image: rental.image,
      isReady,
      inetDownMbps: rental.inetDownMbps,
      reliability: rental.reliability,
      loadMs,
      afterMs: readyAt !== null && runningAt !== null ? readyAt - runningAt : null,
      atLeastMs: isReady === null && endedAt !== null ? endedAt - openedAt : null,
    },
  ];
}
