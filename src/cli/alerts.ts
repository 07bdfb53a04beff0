import { createChannels } from '../adapters/notify/index.ts';
import type { Channel } from '../adapters/notify/interface.ts';
import { loadConfig } from '../config/load.ts';
import { type Fault, HybridError, toFault } from '../errors.ts';
import type { AlertsAnswer } from '../server/inspection/book-answers.ts';
import type { NoticesAnswer } from '../server/inspection/notices-route.ts';
import { runbookBase, testNotice } from '../wiring/alerts/notices.ts';
import { parseArguments, UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { createDaemonClient } from './daemon-client.ts';
import { exitCodes } from './exit-codes.ts';
import { createPaint, type Paint } from './paint.ts';

const help = `
Usage: hybrid-mlnode alerts [list] [--json]
       hybrid-mlnode alerts test [--json]

list  (the default) asks the running daemon what is wrong now, which channels are told, and how they fare.
test  sends one message to every channel of the settings and says what each answered. It needs no daemon, and sends
      also where ENABLE_ALERTS is off.

Options:
  --json  one JSON object

Examples:
  hybrid-mlnode alerts
  hybrid-mlnode alerts test

Exit codes: 0 listed, or every channel took the test; 1 the daemon did not answer, or a channel failed; 2 wrong
arguments or settings, or no channel is set.
`;

/** Of one test message, real milliseconds. */
const testTimeoutMs = 30_000;

export const command: Command = {
  name: 'alerts',
  summary: 'List what is wrong and who was told; send a test to every channel.',
  help: help.trimStart(),
  run: async (args, io) => {
    const options = { json: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArguments(args, options, ['list|test?']);
    const word = positionals[0] ?? 'list';
    if (word === 'test') return test(io, values.json);
    if (word === 'list') return list(io, values.json);
    throw new UsageError(`"${word}" is neither list nor test`);
  },
};

interface Verdict {
  readonly channel: string;
  readonly isTaken: boolean;
  readonly fault: Fault | null;
}

async function test(io: CommandIo, isJson: boolean): Promise<number> {
  const { config, warnings } = loadConfig({ env: io.env, cwd: io.cwd });
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const channels = createChannels({ ...config.alerts, isEnabled: true });
  if (channels.length === 0) {
    throw new HybridError({
      code: 'CONFIG_INVALID',
      message:
        'no channel is set: give one of ALERT_WEBHOOK_URL, ALERT_TELEGRAM_TOKEN, ALERT_DISCORD_URL, ALERT_SLACK_URL, ALERT_EMAIL',
    });
  }
  if (!config.alerts.isEnabled) io.stderr.write('warning: ENABLE_ALERTS is off: the daemon tells nobody\n');
  const terms = { node: config.node.id, runbooks: runbookBase(config) };
  const notice = testNotice(Date.now(), terms);
  const verdicts = await Promise.all(channels.map((channel) => verdictOf(channel, notice)));
  const paint = createPaint(io.stdout, io.env);
  if (isJson) io.stdout.write(`${JSON.stringify({ notice, channels: verdicts })}\n`);
  else for (const verdict of verdicts) io.stdout.write(`${verdictLine(verdict, paint)}\n`);
  return verdicts.every(({ isTaken }) => isTaken) ? exitCodes.ok : exitCodes.failed;
}

async function verdictOf(channel: Channel, notice: Parameters<Channel['send']>[0]): Promise<Verdict> {
  try {
    await channel.send(notice, AbortSignal.timeout(testTimeoutMs));
    return { channel: channel.name, isTaken: true, fault: null };
  } catch (error) {
    return { channel: channel.name, isTaken: false, fault: toFault(error) };
  }
}

const verdictLine = ({ channel, fault }: Verdict, paint: Paint): string =>
  fault === null
    ? `${paint.green('ok')}     ${channel}`
    : `${paint.red('failed')} ${channel}: ${fault.message} (${fault.code})`;

async function list(io: CommandIo, isJson: boolean): Promise<number> {
  const client = createDaemonClient(io);
  const { alerts } = JSON.parse(await client.get('/v1/alerts')) as AlertsAnswer;
  const { channels, notices } = JSON.parse(await client.get('/v1/notices')) as NoticesAnswer;
  if (isJson) {
    io.stdout.write(`${JSON.stringify({ alerts, channels, notices })}\n`);
    return exitCodes.ok;
  }
  const paint = createPaint(io.stdout, io.env);
  const line = (text: string): void => void io.stdout.write(`${text}\n`);
  if (alerts.length === 0) line('nothing is wrong');
  for (const { severity, title, message, advice, code, since, kind } of alerts) {
    line(`${painted(severity, paint)} ${paint.bold(title)}`);
    line(`  ${message}`);
    line(`  what to do: ${advice}`);
    line(paint.dim(`  ${code}, since ${new Date(since).toISOString()}, docs/runbooks/${kind}.md`));
  }
  if (channels.length === 0) line('no channel is set: nobody is told');
  for (const { name, fault, sentAt } of channels) {
    const last =
      sentAt === null ? 'nothing sent since the start' : `last at ${new Date(sentAt).toISOString()}`;
    const queued = notices.filter(({ channel, status }) => channel === name && status === 'queued').length;
    const state = fault === null ? paint.green('works') : paint.red(fault.message);
    line(`channel ${name}: ${state}; ${last}; ${queued} waiting`);
  }
  return exitCodes.ok;
}

function painted(severity: string, paint: Paint): string {
  if (severity === 'critical') return paint.red(severity);
  return severity === 'warning' ? paint.yellow(severity) : paint.cyan(severity);
}
