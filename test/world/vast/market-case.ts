import type { OfferRow } from '../../../src/world/vast/offer.ts';

/** A reliable 4090 with the fast line and the open ports that most tests want. */
export const goodOffer: Partial<OfferRow> = {
  gpu_name: 'RTX 4090',
  num_gpus: 1,
  gpu_ram: 24_564,
  cuda_max_good: 12.8,
  disk_space: 500,
  inet_down: 2_000,
  inet_down_cost: 0.005,
  inet_up_cost: 0.01,
  direct_port_count: 100,
  dph_base: 0.36,
  storage_cost: 0.15,
  reliability2: 0.998,
  verification: 'verified',
  duration: 30 * 86_400,
};

/** `count` good offers, each a cent dearer than the one before, with ids from 501 on. */
export const goodOffers = (count: number): Partial<OfferRow>[] =>
  Array.from({ length: count }, (_, index) => ({
    ...goodOffer,
    id: 501 + index,
    machine_id: 9_001 + index,
    dph_base: 0.36 + index / 100,
  }));
