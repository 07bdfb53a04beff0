import { microUsd, type MicroUsd, type MicroUsdPerHour, type UnixMs } from '../units.ts';

const hourMs = 3_600_000;

export interface MeterReading {
  /** GPU part of the price: billed while the container runs. */
  readonly gpuPrice: MicroUsdPerHour;
  /** Disk part: billed from creation on, in every state. */
  readonly diskPrice: MicroUsdPerHour;
  readonly createdAt: UnixMs;
  /** Null when the container never ran. */
  readonly runningAt: UnixMs | null;
  readonly endedAt: UnixMs;
  /** Both directions, dollars. */
  readonly trafficUsd: number;
}

/** What a lease has cost by our own clock (docs/reference/vast.md "Billing"): the provider's own figures lag by a day. */
export function meteredCost(reading: MeterReading): MicroUsd {
  const { gpuPrice, diskPrice, createdAt, runningAt, endedAt, trafficUsd } = reading;
  const gpu = runningAt === null ? 0 : (gpuPrice * Math.max(0, endedAt - runningAt)) / hourMs;
  const disk = (diskPrice * Math.max(0, endedAt - createdAt)) / hourMs;
  return microUsd(Math.ceil(gpu + disk + trafficUsd * 1e6));
}

/** The worst case of a rental, reserved before it is created: the whole price over the longest hold, and traffic. */
export function worstCaseCost(price: MicroUsdPerHour, holdMs: number, trafficUsd: number): MicroUsd {
  return microUsd(Math.ceil((price * holdMs) / hourMs + trafficUsd * 1e6));
}
