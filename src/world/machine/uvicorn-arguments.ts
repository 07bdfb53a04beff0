export interface UvicornArguments {
  readonly host: string;
  readonly port: number;
}

/**
 * Where a `uvicorn` command line listens; its defaults are 127.0.0.1 and 8000. Undefined for a command line that
 * uvicorn refuses (no application, no port number). Source: docs/reference/protocol.md "ML node".
 */
export function uvicornArguments(args: readonly string[]): UvicornArguments | undefined {
  let host = '127.0.0.1';
  let port = 8000;
  let hasApplication = false;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    const equals = arg.indexOf('=');
    if (!arg.startsWith('--')) {
      hasApplication = true;
      continue;
    }
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if (flags.has(name)) continue;
    const value = equals < 0 ? args[(at += 1)] : arg.slice(equals + 1);
    if (name === '--host') host = value ?? '';
    if (name === '--port') port = Number(value);
  }
  const isPort = Number.isInteger(port) && port > 0 && port < 65_536;
  if (!hasApplication || !isPort) return undefined;
  return { host: host === 'localhost' ? '127.0.0.1' : host, port };
}

/** Options of uvicorn that take no value. */
const flags = new Set([
  '--reload',
  '--proxy-headers',
  '--no-proxy-headers',
  '--access-log',
  '--no-access-log',
  '--no-server-header',
  '--use-colors',
  '--no-use-colors',
]);
