import type { Config } from '../../config/config.ts';
import { createSystemClock } from '../../runtime/system-clock.ts';
import type { Finding } from '../doctor/finding.ts';
import { adminCheck, callbackCheck, chainCheck } from '../doctor/gonka-checks.ts';
import { inferenceCheck } from '../doctor/inference-checks.ts';
import { thisHost } from '../doctor/this-host.ts';
import { vastCheck } from '../doctor/vast-checks.ts';

/** Real milliseconds for all of them. */
const limitMs = 30_000;
/** Services whose key is asked for: a refusal there is an error. Whoever is not up yet is only told of. */
const keyed = /^(inference\.|vast\.key|vast$)/;

/** Asks each service whether it takes its key, and the neighbours whether they are there. */
export async function keyFindings(config: Config, stop: AbortSignal): Promise<readonly Finding[]> {
  const { timeScale: scale, timeOriginMs: originMs } = config;
  const patient = {
    config,
    clock: createSystemClock({ scale, ...(scale === 1 ? {} : { originMs }) }),
    deploymentId: config.deploymentId,
    host: thisHost,
    // Whether or not: what stands in the account is no question of a new start.
    isDaemonUp: true,
    signal: AbortSignal.any([stop, AbortSignal.timeout(limitMs)]),
  };
  const checks = [inferenceCheck, vastCheck, chainCheck, adminCheck, callbackCheck];
  const findings = (await Promise.all(checks.map((check) => check(patient)))).flat();
  return findings
    .filter(({ check }) => check !== 'registration')
    .map((finding) =>
      finding.level === 'error' && !keyed.test(finding.check) ? { ...finding, level: 'warning' } : finding,
    );
}
