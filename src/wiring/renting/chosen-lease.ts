import { ulid } from 'ulid';
import type { Offer } from '../../adapters/vast/interface.ts';
import type { Config } from '../../config/config.ts';
import type { ChosenLease } from '../../machines/epoch-context.ts';
import type { LeaseInput } from '../../machines/lease-context.ts';
import type { Gigabytes, MicroUsd, Milliseconds, UnixMs } from '../../units.ts';
import { leaseRow } from '../row-names.ts';

/** The window of a lease's callback port on the machine: free of well-known services and of 8080. */
const callbackPorts = { first: 20_000, count: 10_000 };

export interface LeaseTerms {
  readonly config: Config;
  readonly deploymentId: string;
  readonly owner: string;
  readonly offer: Offer;
  /** What the offer was searched, and is priced, with. */
  readonly diskGb: Gigabytes;
  readonly trafficUsd: number;
  /** Worst case of the whole rental. */
  readonly reserved: MicroUsd;
  /** Of loading the image. */
  readonly loadLimitMs: Milliseconds;
  /** From the running container to a login. */
  readonly connectLimitMs: Milliseconds;
  readonly now: UnixMs;
  /** In [0, 1). Default: Math.random, and ulid's own. */
  readonly random: (() => number) | undefined;
}

/** The row to open for a chosen offer, input included: a replay opens the same one. */
export function chosenLease(terms: LeaseTerms): ChosenLease {
  const { config, offer, now, random } = terms;
  const leaseId = ulid(now, random);
  const input: LeaseInput = {
    leaseId,
    label: `ghm:${terms.deploymentId}:${leaseId}:1`,
    owner: terms.owner,
    offer: {
      offerId: offer.offerId,
      machineId: offer.machineId,
      gpuName: offer.gpuName,
      gpuCount: offer.gpuCount,
      gpuRamMb: offer.gpuRamMb,
      price: offer.price,
      gpuPrice: offer.gpuPrice,
      diskPrice: offer.diskPrice,
      trafficUsd: terms.trafficUsd,
      inetDownMbps: offer.inetDownMbps,
      reliability: offer.reliability,
      diskGb: terms.diskGb,
    },
    callbackPort: callbackPorts.first + Math.floor((random ?? Math.random)() * callbackPorts.count),
    ttlMs: config.leaseTtlMs,
    reserved: terms.reserved,
    openedAt: now,
    limits: {
      loadMs: terms.loadLimitMs,
      connectMs: terms.connectLimitMs,
      authGraceMs: config.vast.sshAuthGraceMs,
      startMs: config.vast.mlnodeStartTimeoutMs,
      modelMs: config.machineModel.loadTimeoutMs,
    },
  };
  return { leaseId, machineId: offer.machineId, opening: { chart: 'lease', id: leaseRow(leaseId), input } };
}
