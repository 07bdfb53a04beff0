import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * DEPLOYMENT_ID as the store of a STATE_DIR has it; undefined where there is no store yet, or none that can be read.
 * Reads only: a daemon may be writing.
 */
export function storedDeployment(stateDir: string): string | undefined {
  const file = join(stateDir, 'hybrid.sqlite');
  if (!existsSync(file)) return undefined;
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const row = database.prepare("SELECT value FROM meta WHERE key = 'deployment_id'").get();
      return typeof row?.['value'] === 'string' ? row['value'] : undefined;
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}
