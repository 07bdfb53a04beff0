import type { Random } from '../random.ts';

/** One rentable slice of a machine, with the names and units of the API. Source: docs/reference/vast.md "Offer search". */
export interface OfferRow {
  readonly id: number;
  readonly machine_id: number;
  readonly host_id: number;
  readonly gpu_name: string;
  readonly num_gpus: number;
  /** MB of one GPU. */
  readonly gpu_ram: number;
  readonly cuda_max_good: number;
  readonly compute_cap: number;
  readonly cpu_cores_effective: number;
  readonly cpu_ram: number;
  /** GB available. */
  readonly disk_space: number;
  /** Mb/s. */
  readonly inet_down: number;
  readonly inet_up: number;
  /** $/GB. */
  readonly inet_down_cost: number;
  readonly inet_up_cost: number;
  readonly direct_port_count: number;
  /** $/h without disk. */
  readonly dph_base: number;
  /** $/GB/month. */
  readonly storage_cost: number;
  readonly reliability2: number;
  readonly verification: 'verified' | 'unverified';
  readonly hosting_type: number;
  /** `City, CC`. */
  readonly geolocation: string;
  /** Seconds left. */
  readonly duration: number;
}

interface GpuKind {
  readonly name: string;
  readonly ramMb: number;
  readonly computeCap: number;
  /** Median $/h of one GPU. */
  readonly usdPerHour: number;
  readonly counts: readonly number[];
}

/** Price levels of docs/reference/vast.md "Prices"; memory as `nvidia-smi` states it. */
const gpuKinds: readonly GpuKind[] = [
  { name: 'RTX 3060', ramMb: 12_288, computeCap: 860, usdPerHour: 0.068, counts: [1, 2] },
  { name: 'RTX 3080', ramMb: 10_240, computeCap: 860, usdPerHour: 0.107, counts: [1] },
  { name: 'RTX 3090', ramMb: 24_576, computeCap: 860, usdPerHour: 0.166, counts: [1, 2, 4] },
  { name: 'RTX 4090', ramMb: 24_564, computeCap: 890, usdPerHour: 0.39, counts: [1, 1, 2, 4] },
  { name: 'RTX 5090', ramMb: 32_607, computeCap: 1200, usdPerHour: 0.45, counts: [1, 1, 2, 4] },
  { name: 'RTX A6000', ramMb: 49_140, computeCap: 860, usdPerHour: 0.425, counts: [1, 2] },
  { name: 'L40S', ramMb: 46_068, computeCap: 890, usdPerHour: 0.6, counts: [1, 2] },
  { name: 'A100 SXM4', ramMb: 81_920, computeCap: 800, usdPerHour: 1.4, counts: [1, 4, 8] },
  { name: 'H100 SXM', ramMb: 81_559, computeCap: 900, usdPerHour: 2.4, counts: [1, 2, 4, 8] },
  { name: 'H200', ramMb: 143_771, computeCap: 900, usdPerHour: 4.2, counts: [1, 4, 8] },
];

const places = [
  'Helsinki, FI',
  'Frankfurt, DE',
  'Quebec, CA',
  'Texas, US',
  'Oslo, NO',
  'Tokyo, JP',
  'Warsaw, PL',
];

/** One offer as the market has them: mostly verified, prices lognormal around the level of the kind of GPU. */
export function drawOffer(random: Random, id: number, priceLevel: number): OfferRow {
  const kind = pick(random, gpuKinds);
  const count = pick(random, kind.counts);
  const cores = 8 * count * Math.ceil(random.between(0, 3));
  return {
    id,
    machine_id: 10_000 + Math.floor(random.between(0, 50_000)),
    host_id: 1_000 + Math.floor(random.between(0, 9_000)),
    gpu_name: kind.name,
    num_gpus: count,
    gpu_ram: kind.ramMb,
    cuda_max_good: pick(random, [12.2, 12.4, 12.8, 12.8, 13]),
    compute_cap: kind.computeCap,
    cpu_cores_effective: cores,
    cpu_ram: 4_000 * cores,
    disk_space: Math.round(random.between(100, 2_000)),
    inet_down: Math.round(random.lognormal(900, 4_000)),
    inet_up: Math.round(random.lognormal(600, 3_000)),
    inet_down_cost: pick(random, [0, 0.002, 0.005, 0.005, 0.02]),
    inet_up_cost: pick(random, [0, 0.002, 0.005, 0.02]),
    direct_port_count: pick(random, [0, 4, 50, 100, 250]),
    dph_base: round(kind.usdPerHour * count * priceLevel * random.lognormal(1, 1.98), 6),
    storage_cost: pick(random, [0.1, 0.1, 0.15, 0.2]),
    reliability2: round(1 - Math.min(0.4, random.lognormal(0.005, 0.05)), 5),
    verification: random.chance(0.85) ? 'verified' : 'unverified',
    hosting_type: random.chance(0.3) ? 1 : 0,
    geolocation: pick(random, places),
    duration: Math.round(random.between(2, 90) * 86_400),
  };
}

/** $/h of the disk: a month has 720 hours. Source: docs/reference/vast.md "Cost arithmetic". */
export const diskUsdPerHour = (offer: OfferRow, diskGb: number): number =>
  (diskGb * offer.storage_cost) / 720;

/** The offer as a search answers it, with the fields that are computed; the disk is priced into `dph_total`. */
export function offerAnswer(offer: OfferRow, diskGb: number, nowMs: number): Record<string, unknown> {
  const diskHour = diskUsdPerHour(offer, diskGb);
  const total = offer.dph_base + diskHour;
  return {
    ...offer,
    ask_contract_id: offer.id,
    bundle_id: offer.machine_id * 7 + offer.num_gpus,
    gpu_total_ram: offer.gpu_ram * offer.num_gpus,
    gpu_arch: 'nvidia',
    gpu_frac: 1,
    cpu_arch: 'amd64',
    reliability: offer.reliability2,
    vericode: offer.verification === 'verified' ? 1 : 0,
    rentable: true,
    rented: false,
    is_bid: false,
    external: null,
    resource_type: 'gpu',
    static_ip: offer.hosting_type > 0,
    storage_total_cost: diskHour,
    dph_total: total,
    dph_total_adj: total,
    end_date: nowMs / 1000 + offer.duration,
    start_date: nowMs / 1000 - 86_400,
    search: { gpuCostPerHour: offer.dph_base, diskHour, totalHour: total },
  };
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[Math.floor(random.next() * values.length)];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
