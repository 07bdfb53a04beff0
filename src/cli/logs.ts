import { setTimeout as pause } from 'node:timers/promises';
import type { JournalEntry } from '../runtime/interface.ts';
import { eventStream } from '../sandbox/event-stream.ts';
import { parseArguments, wholeNumberOption } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { createDaemonClient, type DaemonClient } from './daemon-client.ts';
import { exitCodes } from './exit-codes.ts';
import { createNarrator } from './narrator.ts';
import { createPaint } from './paint.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode logs [options]

What the running daemon did, from its journal: one line a step that a person cares about, oldest first. The program's
own log, for debugging, is on the stderr of "start" (journalctl -u hybrid-mlnode under systemd).

Options:
  --follow, -f   go on as it happens, until Ctrl-C; survives a restart of the daemon
  --lines <n>    steps of the past to look at, 0 to 500 (default 100)
  --row <id>     of one row only, for example epoch:135 or lease:01J…
  --json         every step as one JSON line, unabridged

Examples:
  hybrid-mlnode logs -f
  hybrid-mlnode logs --row epoch:135 --lines 500
  hybrid-mlnode logs --json --lines 10 | jq .event.type

Exit codes: 0 done, 1 no daemon answers, 2 wrong arguments.
`;

export const command: Command = {
  name: 'logs',
  summary: 'Tell what the running daemon did, and what it does.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      follow: { type: 'boolean', short: 'f', default: false },
      lines: { type: 'string', default: '100' },
      row: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const lines = wholeNumberOption('lines', values.lines, 0, 500);
    const { row } = values;
    const client = createDaemonClient(io);
    const write = writer(values.json, io);
    const query = row === undefined ? '' : `&row=${encodeURIComponent(row)}`;
    const past = await client.get(`/v1/journal?limit=${Math.max(1, lines)}${query}`);
    const { entries } = JSON.parse(past) as { entries: readonly JournalEntry[] };
    const shown = lines === 0 ? [] : entries;
    for (const entry of shown) write(entry);
    if (!values.follow) return exitCodes.ok;
    const isWanted = (entry: JournalEntry): boolean => row === undefined || entry.rowId === row;
    await whileWanted(io, (signal) =>
      follow(client, entries.at(-1)?.seq, signal, (entry) => {
        if (isWanted(entry)) write(entry);
      }),
    );
    return exitCodes.ok;
  },
};

function writer(isJson: boolean, io: CommandIo): (entry: JournalEntry) => void {
  if (isJson) return (entry) => void io.stdout.write(`${JSON.stringify(entry)}\n`);
  const paint = createPaint(io.stdout, io.env);
  const tell = createNarrator();
  return (entry) => {
    const told = tell(entry);
    if (told === null) return;
    const text = `${paint.cyan(told.subject)} ${told.text}`;
    const at = paint.dim(new Date(entry.at).toISOString());
    io.stdout.write(`${at}  ${told.isBad ? paint.yellow(text) : text}\n`);
  };
}

const reopenPauseMs = 1_000;

/** The stream ends with the daemon; it is opened again behind the last step that was seen. */
async function follow(
  client: DaemonClient,
  after: number | undefined,
  signal: AbortSignal,
  onEntry: (entry: JournalEntry) => void,
): Promise<void> {
  for (let seen = after; !signal.aborted; ) {
    const from = seen === undefined ? '' : `?after=${seen}`;
    try {
      for await (const { data } of eventStream(`${client.url}/v1/events${from}`, signal, client.headers)) {
        const entry = JSON.parse(data) as JournalEntry;
        seen = entry.seq;
        onEntry(entry);
      }
    } catch {
      // The daemon is away: asked again in a moment.
    }
    await pause(reopenPauseMs, undefined, { signal }).catch(() => undefined);
  }
}
