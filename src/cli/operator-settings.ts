import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { createSystemClock } from '../runtime/system-clock.ts';
import type { Clock } from '../runtime/clock.ts';
import type { CommandIo } from './command.ts';
import { storedDeployment } from './deployment-of.ts';

/** The settings of a command that talks to neighbours by itself, as `start` would have them. */
export interface OperatorSettings {
  readonly config: Config;
  /** As the daemon's: scaled in the sandbox. */
  readonly clock: Clock;
  /** Whose machines are ours; undefined before the first start of a daemon without DEPLOYMENT_ID. */
  readonly deploymentId: string | undefined;
}

/** Prints doubts about the settings to stderr. Throws CONFIG_INVALID, CONFIG_UNREADABLE. */
export function operatorSettings(io: Pick<CommandIo, 'env' | 'cwd' | 'stderr'>): OperatorSettings {
  const { config, warnings } = loadConfig({ env: io.env, cwd: io.cwd });
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const { timeScale: scale, timeOriginMs: originMs } = config;
  return {
    config,
    clock: createSystemClock({ scale, ...(scale === 1 ? {} : { originMs }) }),
    deploymentId: config.deploymentId ?? storedDeployment(config.stateDir),
  };
}
