import { describe, expect, it } from 'vitest';
import { simulationFaults } from '../../src/cli/simulation-verdict.ts';
import { chainSettings } from '../../src/simulation/chain-settings.ts';
import type { SimulationFigures } from '../../src/simulation/report.ts';
import { simulate } from './simulated-run.ts';

const epochs = 6;

it('a machine without a GPU goes back before the weights of PoC v2 are fetched', {
  timeout: 60_000,
}, async () => {
  const found: string[] = [];
  await simulate({
    epochs: 3,
    seed: 6,
    chain: 'v2',
    settings: chainSettings('v2'),
    hostFailure: 0.6,
    onStep: ({ chart, event }) => {
      if (chart === 'lease' && JSON.stringify(event).includes('MACHINE_NO_GPU')) found.push(event.type);
    },
  });
  expect(new Set(found)).toEqual(new Set(['xstate.error.actor.loadModel']));
});

async function lived(
  chain: 'v1-confirmation' | 'v2-confirmation',
  policy: 'auto' | 'sprint',
): Promise<SimulationFigures> {
  const settings = { ...chainSettings(chain), RENTAL_POLICY: policy };
  const { figures, violations } = await simulate({ epochs, seed: 4, chain, settings, hostFailure: 0.2 });
  expect(violations).toEqual([]);
  expect(simulationFaults(figures, { isCalm: true })).toEqual([]);
  return figures;
}

describe('on a chain with confirmation PoC', { timeout: 60_000 }, () => {
  it.each(['v1-confirmation', 'v2-confirmation'] as const)(
    'a machine that is kept from PoC to PoC earns every epoch (%s)',
    async (chain) => {
      const figures = await lived(chain, 'auto');
      expect(figures).toMatchObject({
        completed: epochs,
        epochsUnrewarded: 0,
        confirmationsMissed: 0,
        leakedUsd: 0,
      });
      expect(figures.paidOverUseful).toBeLessThan(1.08);
      expect(figures.callbacksUndeliverable).toBeLessThan(epochs / 2);
    },
  );

  it.each(['v1-confirmation', 'v2-confirmation'] as const)(
    'a machine for the regular PoC alone loses confirmations, and the reward of nearly every epoch (%s)',
    async (chain) => {
      const figures = await lived(chain, 'sprint');
      expect(figures.completed).toBeGreaterThan(epochs / 2);
      expect(figures.confirmationsMissed).toBeGreaterThan(epochs / 2);
      expect(figures.epochsUnrewarded).toBeGreaterThan(epochs / 2);
    },
  );
});
