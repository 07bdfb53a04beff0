import { diskUsdPerHour, type OfferRow } from './offer.ts';

export interface MeterReading {
  /** Instance-seconds with the GPU meter on. */
  readonly gpuSeconds: number;
  readonly gpuUsd: number;
  readonly diskUsd: number;
  readonly trafficUsd: number;
  readonly costUsd: number;
}

const hourMs = 3_600_000;

/**
 * What one rental costs: GPU time only while the container runs, disk in every state from creation on (but not
 * while the host is offline), traffic always. Source: docs/reference/vast.md "Billing".
 */
export class Meter {
  readonly #offer: OfferRow;
  readonly #diskUsdPerHour: number;
  readonly #gpu = new Stopwatch();
  readonly #disk = new Stopwatch();
  #pull: { readonly fromMs: number; readonly durationMs: number; readonly gb: number } | undefined;
  #endedAt: number | undefined;
  #containerTrafficUsd = 0;

  constructor(offer: OfferRow, diskGb: number, nowMs: number) {
    this.#offer = offer;
    this.#diskUsdPerHour = diskUsdPerHour(offer, diskGb);
    this.#disk.start(nowMs);
  }

  pullBegins(nowMs: number, durationMs: number, gb: number): void {
    this.#pull = { fromMs: nowMs, durationMs, gb };
  }
  gpuStarts(nowMs: number): void {
    this.#gpu.start(nowMs);
  }
  gpuStops(nowMs: number): void {
    this.#gpu.stop(nowMs);
  }
  hostLost(nowMs: number): void {
    this.#gpu.stop(nowMs);
    this.#disk.stop(nowMs);
  }
  /** What it costs. */
  containerTraffic(downloadedGb: number, uploadedGb: number): number {
    const usd = downloadedGb * this.#offer.inet_down_cost + uploadedGb * this.#offer.inet_up_cost;
    this.#containerTrafficUsd += usd;
    return usd;
  }
  /** The instance is gone; nothing is billed from here on. */
  end(nowMs: number): void {
    this.hostLost(nowMs);
    this.#endedAt ??= nowMs;
  }

  read(nowMs: number): MeterReading {
    const gpuMs = this.#gpu.elapsedMs(nowMs);
    const gpuUsd = (gpuMs / hourMs) * this.#offer.dph_base;
    const diskUsd = (this.#disk.elapsedMs(nowMs) / hourMs) * this.#diskUsdPerHour;
    const trafficUsd = this.#pulledGb(nowMs) * this.#offer.inet_down_cost + this.#containerTrafficUsd;
    return { gpuSeconds: gpuMs / 1000, gpuUsd, diskUsd, trafficUsd, costUsd: gpuUsd + diskUsd + trafficUsd };
  }

  /** Dollars a millisecond at this moment, traffic aside: for knowing when the credit runs out. */
  usdPerMs(): number {
    return (
      ((this.#gpu.runs ? this.#offer.dph_base : 0) + (this.#disk.runs ? this.#diskUsdPerHour : 0)) / hourMs
    );
  }

  #pulledGb(nowMs: number): number {
    if (!this.#pull) return 0;
    const { fromMs, durationMs, gb } = this.#pull;
    const passedMs = Math.min(nowMs, this.#endedAt ?? nowMs) - fromMs;
    return durationMs > 0 ? gb * Math.min(1, passedMs / durationMs) : gb;
  }
}

class Stopwatch {
  #since: number | undefined;
  #sumMs = 0;
  get runs(): boolean {
    return this.#since !== undefined;
  }
  start(nowMs: number): void {
    this.#since ??= nowMs;
  }
  stop(nowMs: number): void {
    if (this.#since !== undefined) this.#sumMs += nowMs - this.#since;
    this.#since = undefined;
  }
  elapsedMs(nowMs: number): number {
    return this.#sumMs + (this.#since === undefined ? 0 : nowMs - this.#since);
  }
}
