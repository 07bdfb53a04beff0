import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { curlArguments, type CurlArguments } from './machine-curl-arguments.ts';

// The `curl` of a machine: run as a program, the machine's root first, then the arguments of the caller. Its
// 127.0.0.1 is the machine's; beyond it there are only the origins that `run/origins.json` lists (in the sandbox the
// Internet is other ports of the host's loopback). Exit codes are the real one's.
const [root = '', ...words] = process.argv.slice(2);

/** Exit codes of curl. */
const exitCodes = { usage: 2, unresolved: 6, refused: 7, partial: 18, status: 22, timedOut: 28, empty: 52 };

type Outcome = { readonly status: number; readonly body: Buffer } | { readonly exitCode: number };

try {
  process.exitCode = await run(curlArguments(words));
} catch (error) {
  process.stderr.write(`curl: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCodes.usage;
}

async function run(curl: CurlArguments): Promise<number> {
  const body = curl.data.map((part) => contentOf(part)).join('&');
  for (let retries = Number(curl.value('retry') ?? 0); ; retries -= 1) {
    const outcome = await attempt(curl, body);
    if (retries <= 0 || !isWorthRetrying(curl, outcome)) return report(curl, outcome);
    await pause(1000 * Number(curl.value('retry-delay') ?? 1));
  }
}

function attempt(curl: CurlArguments, body: string): Promise<Outcome> {
  const route = routeTo(curl.url);
  if (!route) return Promise.resolve({ exitCode: exitCodes.unresolved });
  const method = curl.value('request') ?? (curl.data.length > 0 ? 'POST' : 'GET');
  return new Promise((resolve) => {
    const outgoing = request(curl.url, { ...route, agent: false, method, headers: headersOf(curl) });
    const limitMs = 1000 * Number(curl.value('max-time') ?? 0);
    const limit = limitMs > 0 ? setTimeout(() => end({ exitCode: exitCodes.timedOut }), limitMs) : undefined;
    const end = (outcome: Outcome): void => {
      clearTimeout(limit);
      resolve(outcome);
      outgoing.destroy();
    };
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const isRefused = error.code === 'ECONNREFUSED' || error.code === 'ENOENT';
      end({ exitCode: isRefused ? exitCodes.refused : exitCodes.empty });
    });
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', () => end({ exitCode: exitCodes.partial }));
      incoming.on('end', () => end({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    outgoing.end(body);
  });
}

/** A port of the machine, the way out, or undefined: no such host. */
function routeTo(url: URL): { socketPath?: string } | undefined {
  const origins = JSON.parse(readFileSync(join(root, 'run', 'origins.json'), 'utf8')) as string[];
  if (origins.includes(url.origin)) return {};
  if (url.hostname !== '127.0.0.1' && url.hostname !== 'localhost') return undefined;
  return { socketPath: join(root, 'run', 'lo', url.port || '80') };
}

function headersOf(curl: CurlArguments): Record<string, string> {
  const headers: Record<string, string> = {
    host: curl.url.host,
    accept: '*/*',
    'user-agent': curl.value('user-agent') ?? 'curl/8.5.0',
  };
  if (curl.data.length > 0) headers['content-type'] = 'application/x-www-form-urlencoded';
  for (const line of curl.headers) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

function contentOf(part: string): string {
  return part.startsWith('@') ? readFileSync(part === '@-' ? 0 : part.slice(1), 'utf8') : part;
}

function isWorthRetrying(curl: CurlArguments, outcome: Outcome): boolean {
  if (curl.flags.has('retry-all-errors')) return !('status' in outcome) || outcome.status >= 400;
  if ('status' in outcome) return [408, 429, 500, 502, 503, 504].includes(outcome.status);
  const { exitCode } = outcome;
  return (
    exitCode === exitCodes.timedOut || (exitCode === exitCodes.refused && curl.flags.has('retry-connrefused'))
  );
}

function report(curl: CurlArguments, outcome: Outcome): number {
  const status = 'status' in outcome ? outcome.status : 0;
  const isFailure = status >= 400 && (curl.flags.has('fail') || curl.flags.has('fail-with-body'));
  if ('body' in outcome && (!isFailure || curl.flags.has('fail-with-body'))) {
    const output = curl.value('output');
    if (output === undefined || output === '-') process.stdout.write(outcome.body);
    else writeFileSync(output, outcome.body);
  }
  const code = String(status).padStart(3, '0');
  const written = (curl.value('write-out') ?? '').replaceAll(/%\{(?:http_code|response_code)\}/g, code);
  process.stdout.write(written.replaceAll(String.raw`\n`, '\n'));
  const exitCode = 'exitCode' in outcome ? outcome.exitCode : isFailure ? exitCodes.status : 0;
  if (exitCode !== 0 && (!curl.flags.has('silent') || curl.flags.has('show-error'))) {
    process.stderr.write(`curl: (${exitCode}) ${curl.url.origin} answered ${code}\n`);
  }
  return exitCode;
}
