import type { Secret } from '../secret.ts';
import { HybridError } from '../errors.ts';
import { settingOf } from './names.ts';
import { schema } from './schema.ts';
import { type Environment, readSettingsFile } from './settings-file.ts';
import { place, resolveSources } from './sources.ts';

export interface InspectionAddress {
  /** `http://host:port`, reachable from this host also when the daemon listens on every address. */
  readonly url: string;
  readonly token?: Secret;
}

/**
 * Where the daemon's inspection API is, from the same sources as `loadConfig`; nothing else has to be set or right.
 * Throws CONFIG_UNREADABLE, CONFIG_INVALID.
 */
export function inspectionAddress(options: { env: Environment; cwd: string }): InspectionAddress {
  const files = ['.env', 'config/.env'].flatMap(
    (name) => readSettingsFile(options.cwd, name, options.env) ?? [],
  );
  const { found } = resolveSources(options.env, files);
  const port = schema.shape.INSPECTION_PORT.safeParse(
    found.get('INSPECTION_PORT')?.value ?? settingOf('INSPECTION_PORT')?.default,
  );
  if (!port.success) {
    const at = found.get('INSPECTION_PORT') ?? { name: 'INSPECTION_PORT', source: 'default' };
    throw new HybridError({
      code: 'CONFIG_INVALID',
      message: `${place(at)} ${port.error.issues[0]?.message}`,
    });
  }
  const host = found.get('INSPECTION_HOST')?.value ?? '127.0.0.1';
  const token = schema.shape.INSPECTION_TOKEN.parse(found.get('INSPECTION_TOKEN')?.value);
  const url = `http://${reachable(host)}:${port.data}`;
  return token === undefined ? { url } : { url, token };
}

/** "Every address" is no address to call. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '[::]') return '127.0.0.1';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
