import type { MarketOptions } from '../world/vast/market.ts';

/** Kinds of machines that hold the town's model of PoC v2 on one GPU, as `OfferRow` names them. */
const kinds = [
  { gpu_name: 'RTX A6000', gpu_ram: 49_140, compute_cap: 860, num_gpus: 2, usdPerHour: 0.85 },
  { gpu_name: 'L40S', gpu_ram: 46_068, compute_cap: 890, num_gpus: 2, usdPerHour: 1.2 },
  { gpu_name: 'A100 SXM4', gpu_ram: 81_920, compute_cap: 800, num_gpus: 1, usdPerHour: 1.4 },
  { gpu_name: 'H100 SXM', gpu_ram: 81_559, compute_cap: 900, num_gpus: 1, usdPerHour: 2.4 },
] as const;
const offersOfEach = 8;

/**
 * A market with as many machines for PoC v2 as mainnet's large ones have: with drawn offers a town of 120 has a
 * handful. Lines are those of data centres, since weights have to come before a shortened epoch begins.
 */
export const pocV2Market: MarketOptions = {
  offers: kinds.flatMap(({ usdPerHour, ...kind }) =>
    Array.from({ length: offersOfEach }, (_, place) => ({
      ...kind,
      cuda_max_good: 13,
      inet_down: 6_000 + 500 * place,
      inet_down_cost: 0.002,
      disk_space: 1_000,
      dph_base: Math.round(usdPerHour * (1 + place / 20) * 1_000) / 1_000,
      reliability2: 0.995,
      verification: 'verified' as const,
      hosting_type: 1,
    })),
  ),
};
