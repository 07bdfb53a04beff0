import { setTimeout as pause } from 'node:timers/promises';
import { HybridError } from '../errors.ts';
import { numberOption, parseArguments, wholeNumberOption } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { createDaemonClient, type DaemonClient } from './daemon-client.ts';
import { exitCodes } from './exit-codes.ts';
import { outline } from './outline.ts';
import { createPaint } from './paint.ts';
import { statusPage } from './status-page.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode status [options]

Asks the running daemon (INSPECTION_HOST, INSPECTION_PORT, INSPECTION_TOKEN) what it is doing: what the node presents,
what happens next and when, machines, money, callbacks, open alerts.

Options:
  --watch              again and again until Ctrl-C; on a terminal the screen is redrawn
  --interval <seconds> pause between two looks of --watch, 0.2 to 3600 (default 2)
  --all                everything that the daemon says, as an outline
  --json               the answer as it came, one JSON object (with --watch one a line)
  --timeout <seconds>  limit of one question, 1 to 60 (default 5)

Examples:
  hybrid-mlnode status
  hybrid-mlnode status --watch --interval 5
  hybrid-mlnode status --json | jq .plan

Exit codes: 0 it answered, 1 it did not, 2 wrong arguments or settings.
`;

export const command: Command = {
  name: 'status',
  summary: 'Show what the running daemon does and what it does next.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      json: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      interval: { type: 'string', default: '2' },
      timeout: { type: 'string', default: '5' },
    });
    const timeoutMs = wholeNumberOption('timeout', values.timeout, 1, 60) * 1000;
    const intervalMs = numberOption('interval', values.interval, 0.2, 3600) * 1000;
    const client = createDaemonClient(io, timeoutMs);
    const form = values.json ? 'json' : values.all ? 'outline' : 'page';
    if (!values.watch) {
      io.stdout.write(await look(client, form, io));
      return exitCodes.ok;
    }
    return whileWanted(io, (signal) => watch(client, form, intervalMs, signal, io));
  },
};

type Form = 'json' | 'outline' | 'page';

async function look(client: DaemonClient, form: Form, io: CommandIo): Promise<string> {
  const body = await client.get('/v1/state');
  if (form === 'json') return `${body.trim()}\n`;
  const state = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const paint = createPaint(io.stdout, io.env);
  return form === 'outline' ? outline(state, paint) : statusPage(state, paint);
}

/** A daemon that is away for a moment, as in a restart, is waited for; one that never was there is an error. */
async function watch(
  client: DaemonClient,
  form: Form,
  intervalMs: number,
  signal: AbortSignal,
  io: CommandIo,
): Promise<number> {
  const isScreen = io.stdout.isTTY === true && form !== 'json';
  for (let hasAnswered = false; !signal.aborted; ) {
    try {
      const text = await look(client, form, io);
      hasAnswered = true;
      io.stdout.write(isScreen ? `\u001b[H\u001b[2J${text}` : form === 'json' ? text : `${text}\n`);
    } catch (error) {
      if (!hasAnswered || !(error instanceof HybridError)) throw error;
      io.stderr.write(`${error.code}: ${error.message}\n`);
    }
    await pause(intervalMs, undefined, { signal }).catch(() => undefined);
  }
  return exitCodes.ok;
}
