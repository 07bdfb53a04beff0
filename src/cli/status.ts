import { createOfetchTransport } from '../adapters/ofetch-transport.ts';
import type { Transport, WireResponse } from '../adapters/transport.ts';
import { inspectionAddress } from '../config/inspection.ts';
import { HybridError } from '../errors.ts';
import { parseArguments, wholeNumberOption } from './arguments.ts';
import type { Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { createPaint } from './paint.ts';
import { outline } from './outline.ts';

const help = `
Usage: hybrid-mlnode status [--json] [--timeout <seconds>]

Asks the running daemon (INSPECTION_HOST, INSPECTION_PORT, INSPECTION_TOKEN) what it is doing: every chart's state,
what happens next, machines, money, relay and inference API.

Options:
  --json               the answer as it came, one JSON object
  --timeout <seconds>  limit of the question, 1 to 60 (default 5)

Exit codes: 0 it answered, 1 it did not, 2 wrong arguments or settings.
`;

export const command: Command = {
  name: 'status',
  summary: 'Show what the running daemon does and what it does next.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      json: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '5' },
    });
    const timeoutMs = wholeNumberOption('timeout', values.timeout, 1, 60) * 1000;
    const body = await fetchState(inspectionAddress(io), timeoutMs, createOfetchTransport());
    if (values.json) io.stdout.write(`${body.trimEnd()}\n`);
    else io.stdout.write(outline(JSON.parse(body), createPaint(io.stdout, io.env)));
    return exitCodes.ok;
  },
};

/** The body of `/v1/state`. Throws DAEMON_NOT_RUNNING, DAEMON_REFUSED, DAEMON_BAD_ANSWER, WIRE_TIMEOUT, WIRE_BROKEN. */
async function fetchState(
  address: ReturnType<typeof inspectionAddress>,
  timeoutMs: number,
  transport: Transport,
): Promise<string> {
  const url = `${address.url}/v1/state`;
  const token = address.token?.reveal();
  const answer = await ask(transport, url, timeoutMs, token);
  if (answer.status === 401 || answer.status === 403) {
    const message =
      token === undefined ? `${url} wants INSPECTION_TOKEN` : `${url} does not take INSPECTION_TOKEN`;
    throw new HybridError({ code: 'DAEMON_REFUSED', message });
  }
  if (answer.status !== 200 || !isObject(answer.body)) {
    const message = `${url} answered ${answer.status}, but not as this daemon`;
    throw new HybridError({ code: 'DAEMON_BAD_ANSWER', message });
  }
  return answer.body;
}

async function ask(
  transport: Transport,
  url: string,
  timeoutMs: number,
  token: string | undefined,
): Promise<WireResponse> {
  try {
    return await transport({
      method: 'GET',
      url,
      timeoutMs,
      signal: new AbortController().signal,
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    });
  } catch (error) {
    if (!(error instanceof HybridError) || error.code !== 'WIRE_REFUSED') throw error;
    const message = `no daemon answers at ${url}; start one, or set INSPECTION_HOST and INSPECTION_PORT as it has them`;
    throw new HybridError({ code: 'DAEMON_NOT_RUNNING', message }, { cause: error });
  }
}

function isObject(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
