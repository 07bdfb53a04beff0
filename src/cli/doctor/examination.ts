import { HybridError } from '../../errors.ts';
import { adminCheck, callbackCheck, chainCheck } from './gonka-checks.ts';
import { clockCheck } from './clock-check.ts';
import { type Check, failed, type Finding, type Patient } from './finding.ts';
import { deploymentCheck, diskCheck, portsCheck, sshKeyCheck } from './house-checks.ts';
import { inferenceCheck } from './inference-checks.ts';
import { addressCheck, exposureCheck } from './network-checks.ts';
import { vastCheck } from './vast-checks.ts';

/** Every check, in the order in which an operator mends things. */
const checks: readonly (readonly [name: string, Check])[] = [
  ['state.disk', diskCheck],
  ['state.deployment', deploymentCheck],
  ['sshKey', sshKeyCheck],
  ['ports', portsCheck],
  ['address', addressCheck],
  ['exposure', exposureCheck],
  ['clock', clockCheck],
  ['chain', chainCheck],
  ['admin', adminCheck],
  ['callback', callbackCheck],
  ['inference', inferenceCheck],
  ['vast', vastCheck],
];

export const checkCount = checks.length;

/** Asks everybody at once. `onDone` is called with each check that is over. */
export async function examine(
  patient: Patient,
  onDone: (name: string) => void = () => {},
): Promise<readonly Finding[]> {
  const found = await Promise.all(
    checks.map(async ([name, check]) => {
      try {
        return await check(patient);
      } catch (thrown) {
        // What a check does not foresee is said, not thrown: the others have found something too.
        return [
          failed(
            name,
            thrown,
            thrown instanceof HybridError ? 'see docs/reference/errors.md' : 'please report this',
          ),
        ];
      } finally {
        onDone(name);
      }
    }),
  );
  return found.flat();
}
