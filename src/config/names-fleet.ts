import type { Setting } from './setting.ts';

/** Settings of several machines behind the one node. */
export const fleetSettings: readonly Setting[] = [
  {
    area: 'Rental and money',
    state: 'honoured',
    name: 'GPU_FLEET_WIDTH',
    describe:
      'Machines that share one PoC v1, 1 to 16; fewer where the spending caps leave no more. PoC v2 runs on one.',
    example: '3',
    default: '1',
  },
];
