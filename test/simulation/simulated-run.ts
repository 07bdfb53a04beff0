import { simulatedConfig } from '../../src/simulation/settings.ts';
import {
  Simulation,
  type SimulationOptions,
  type SimulationReport,
} from '../../src/simulation/simulation.ts';

export type RunTerms = Partial<SimulationOptions> & {
  readonly epochs: number;
  readonly seed: number;
  readonly settings?: Readonly<Record<string, string>>;
};

/** One simulation with the documented mishaps, no faults and no crashes unless the terms say so. */
export async function simulate({ settings, ...terms }: RunTerms): Promise<SimulationReport> {
  const simulation = await Simulation.build({
    config: simulatedConfig(settings),
    accidents: 1,
    hostFailure: undefined,
    crashRate: 0,
    ...terms,
  });
  return simulation.run();
}
