import { HybridError } from '../errors.ts';
import { UsageError } from './arguments.ts';
import { Cancelled } from './cancelled.ts';
import type { Command, CommandIo } from './command.ts';
import { commandNames, loadCommand, nearestCommand } from './commands.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { asksForHelp, commandHelp, programHelp } from './help.ts';
import { createPaint } from './paint.ts';
import { packageVersion } from './version.ts';

/** Runs what the command line asks for. Never throws; the exit code is the answer. */
export async function dispatch(args: readonly string[], given: CommandIo): Promise<number> {
  const isPlain = args.includes('--no-color');
  const io = isPlain ? { ...given, env: { ...given.env, NO_COLOR: '1' } } : given;
  const [word, ...rest] = isPlain ? args.filter((arg) => arg !== '--no-color') : args;
  try {
    if (word === undefined) {
      io.stderr.write(await programText());
      return exitCodes.usage;
    }
    if (word === '--help' || word === '-h' || word === 'help') {
      io.stdout.write(await helpText(rest[0]));
      return exitCodes.ok;
    }
    if (word === '--version' || word === '-v') {
      io.stdout.write(`${packageVersion()}\n`);
      return exitCodes.ok;
    }
    const command = await named(word);
    if (asksForHelp(rest)) {
      io.stdout.write(commandHelp(command));
      return exitCodes.ok;
    }
    return await command.run(rest, io);
  } catch (error) {
    return report(error, word, io);
  }
}

async function programText(): Promise<string> {
  const commands = await Promise.all(commandNames.map((name) => named(name)));
  return programHelp(commands);
}

const helpText = async (name: string | undefined): Promise<string> =>
  name === undefined ? programText() : commandHelp(await named(name));

async function named(name: string): Promise<Command> {
  const command = await loadCommand(name);
  if (command !== undefined) return command;
  const nearest = nearestCommand(name);
  const hint = nearest === undefined ? `commands: ${commandNames.join(', ')}` : `did you mean "${nearest}"?`;
  throw new UsageError(`"${name}" is no command; ${hint}`);
}

function report(error: unknown, word: string | undefined, io: CommandIo): number {
  const paint = createPaint(io.stderr, io.env);
  if (error instanceof UsageError) {
    const known = word !== undefined && commandNames.includes(word);
    io.stderr.write(`${paint.red('error')}: ${error.message}\n`);
    io.stderr.write(`See: hybrid-mlnode ${known ? `${word} ` : ''}--help\n`);
    return exitCodes.usage;
  }
  if (error instanceof Cancelled) {
    io.stderr.write(`${error.message}\n`);
    return exitCodes.cancelled;
  }
  if (error instanceof HybridError) {
    io.stderr.write(`${paint.red('error')} ${error.code}: ${error.message}\n`);
    if (error.code === 'CONFIG_INVALID') io.stderr.write(`${wayToSettings(word)}\n`);
    return exitCodeOf(error.code);
  }
  io.stderr.write(`${paint.red('bug')}: ${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCodes.failed;
}

const wayToSettings = (word: string | undefined): string =>
  word === 'init'
    ? 'without a terminal they come from the environment, files and options; see: hybrid-mlnode init --help'
    : 'hybrid-mlnode init asks for what is needed; docs/reference/configuration.md has every setting';
