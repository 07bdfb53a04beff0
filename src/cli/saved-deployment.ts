import { accessSync, appendFileSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Adds DEPLOYMENT_ID to the settings file of that directory, so that a lost store still knows its machines. Returns
 * the file's name; undefined where there is none that can be written, or it says something already.
 */
export function saveDeployment(cwd: string, deploymentId: string): string | undefined {
  for (const name of ['.env', 'config/.env']) {
    const file = join(cwd, name);
    try {
      accessSync(file, constants.W_OK);
      const text = readFileSync(file, 'utf8');
      if (/^\s*(export\s+)?DEPLOYMENT_ID\s*=/m.test(text)) return undefined;
      const end = text === '' || text.endsWith('\n') ? '' : '\n';
      appendFileSync(
        file,
        `${end}# Names our machines at Vast.ai; written by the first start.\nDEPLOYMENT_ID=${deploymentId}\n`,
      );
      return name;
    } catch {
      // Not there, or not ours to write: the next one, or the operator.
    }
  }
  return undefined;
}
