import { readFileSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';

/**
 * The `curl` of a machine: run as a program, `root` first, then the arguments of the caller. Its 127.0.0.1 is the
 * machine's; beyond it there are only the origins that `run/origins.json` lists (in the sandbox the "Internet" is
 * other ports of the host's loopback). Exit codes as the real one's.
 */
interface Options {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly url: URL;
}
const flagNames: Readonly<Record<string, string>> = {
  s: 'silent',
  S: 'show-error',
  f: 'fail',
  L: 'location',
  i: 'include',
  k: 'insecure',
  g: 'globoff',
  v: 'verbose',
};
const valueNames: Readonly<Record<string, string>> = {
  X: 'request',
  H: 'header',
  d: 'data',
  m: 'max-time',
  o: 'output',
  w: 'write-out',
  A: 'user-agent',
};
const longFlags = new Set([
  ...Object.values(flagNames),
  'fail-with-body',
  'compressed',
  'no-progress-meter',
  'http1.1',
  'retry-connrefused',
  'retry-all-errors',
]);
const longValues = new Set([
  ...Object.values(valueNames),
  'data-raw',
  'data-binary',
  'connect-timeout',
  'url',
  'retry',
  'retry-delay',
  'retry-max-time',
]);

const [root = '', ...args] = process.argv.slice(2);
const options = parse(args);
const tries = 1 + Number(options.values.get('retry')?.at(-1) ?? 0);
for (let left = tries - 1; ; left -= 1) {
  const result = await attempt(options);
  const isTransient =
    typeof result === 'number'
      ? result === 28 ||
        options.flags.has('retry-all-errors') ||
        (result === 7 && options.flags.has('retry-connrefused'))
      : [408, 429, 500, 502, 503, 504].includes(result.status);
  if (left > 0 && isTransient) {
    await new Promise((resolve) =>
      setTimeout(resolve, 1000 * Number(options.values.get('retry-delay')?.at(-1) ?? 1)),
    );
    continue;
  }
  process.exitCode = typeof result === 'number' ? failed(result) : show(result.status, result.body);
  break;
}

async function attempt({
  flags: _,
  values,
  url,
}: Options): Promise<number | { status: number; body: Buffer }> {
  const data = [
    ...(values.get('data') ?? []),
    ...(values.get('data-raw') ?? []),
    ...(values.get('data-binary') ?? []),
  ];
  const body = data
    .map((part) => (part.startsWith('@') ? readFileSync(part === '@-' ? 0 : part.slice(1), 'utf8') : part))
    .join('&');
  const headers: Record<string, string> = { accept: '*/*', 'user-agent': 'curl/8.5.0' };
  if (data.length > 0) headers['content-type'] = 'application/x-www-form-urlencoded';
  for (const line of values.get('header') ?? []) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const route = routeTo(url);
  if (route === undefined) return 6;
  const limitMs = 1000 * Number(values.get('max-time')?.at(-1) ?? 0);
  return new Promise((resolve) => {
    const outgoing = request(url, {
      ...route,
      agent: false,
      headers,
      method: values.get('request')?.at(-1) ?? (data.length > 0 ? 'POST' : 'GET'),
    });
    const limit =
      limitMs > 0
        ? setTimeout(() => {
            resolve(28);
            outgoing.destroy();
          }, limitMs)
        : undefined;
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(limit);
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 7 : 52);
    });
    outgoing.on('response', (incoming: IncomingMessage) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', () => resolve(18));
      incoming.on('end', () => {
        clearTimeout(limit);
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) });
      });
    });
    outgoing.end(body);
  });
}

/** The machine's own port, the way out, or undefined: no such host. */
function routeTo(url: URL): { socketPath?: string } | undefined {
  const origins = JSON.parse(readFileSync(join(root, 'run', 'origins.json'), 'utf8')) as string[];
  if (origins.includes(url.origin)) return {};
  if (url.hostname !== '127.0.0.1' && url.hostname !== 'localhost') return undefined;
  return { socketPath: join(root, 'run', 'lo', url.port || '80') };
}

function show(status: number, body: Buffer): number {
  const { flags, values } = options;
  const isError = status >= 400 && (flags.has('fail') || flags.has('fail-with-body'));
  const output = values.get('output')?.at(-1);
  if (!isError || flags.has('fail-with-body')) {
    if (output === undefined || output === '-') process.stdout.write(body);
    else writeFileSync(output, body);
  }
  writeOut(status);
  if (isError) complain(`(22) The requested URL returned error: ${status}`);
  return isError ? 22 : 0;
}

function failed(code: number): number {
  writeOut(0);
  complain(`(${code}) could not get ${options.url.origin}`);
  return code;
}

function writeOut(status: number): void {
  const format = options.values.get('write-out')?.at(-1) ?? '';
  const code = String(status).padStart(3, '0');
  process.stdout.write(
    format
      .replaceAll('%{http_code}', code)
      .replaceAll('%{response_code}', code)
      .replaceAll(String.raw`\n`, '\n'),
  );
}

function complain(message: string): void {
  if (!options.flags.has('silent') || options.flags.has('show-error'))
    process.stderr.write(`curl: ${message}\n`);
}

/** `-sSf`, `-XPUT`, `-X PUT`, `--max-time 5`, `--max-time=5` is refused as the real one refuses it. */
function parse(words: readonly string[]): Options {
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  const rest: string[] = [];
  const queue = [...words];
  const take = (name: string, value: string | undefined): void => {
    if (value === undefined) refuse(`option ${name} requires parameter`);
    else values.set(name, [...(values.get(name) ?? []), value]);
  };
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word.startsWith('--')) {
      const name = word.slice(2);
      if (longFlags.has(name)) flags.add(name);
      else if (longValues.has(name)) take(name, queue.shift());
      else refuse(`option ${word}: is unknown`);
    } else if (word.startsWith('-') && word !== '-') {
      for (let letters = word.slice(1); letters !== ''; letters = letters.slice(1)) {
        const flag = flagNames[letters[0] ?? ''];
        const value = valueNames[letters[0] ?? ''];
        if (flag !== undefined) flags.add(flag);
        else if (value === undefined) refuse(`option -${letters[0]}: is unknown`);
        else {
          take(value, letters.slice(1) || queue.shift());
          break;
        }
      }
    } else rest.push(word);
  }
  const target = values.get('url')?.at(-1) ?? rest.at(-1);
  if (target === undefined) return refuse('no URL specified');
  return { flags, values, url: new URL(target.includes('://') ? target : `http://${target}`) };
}

function refuse(message: string): never {
  process.stderr.write(`curl: ${message}\n`);
  process.exit(2);
}
