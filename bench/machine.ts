import { cpus } from 'node:os';
import type { Plan } from './plan.ts';

/** What a figure depends on besides the code. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly nginx: string;
  readonly rounds: number;
  readonly isQuick: boolean;
  /** Date of the run, UTC. */
  readonly day: string;
}

export function machineOf(nginxVersion: string, plan: Plan): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() || 'unknown',
    cores: all.length,
    node: process.versions.node,
    nginx: nginxVersion,
    rounds: plan.rounds,
    isQuick: plan.isQuick,
    day: new Date().toISOString().slice(0, 10),
  };
}
