import { describe, expect, it } from 'vitest';
import { parseArguments, numberOption, UsageError, wholeNumberOption } from '../../src/cli/arguments.ts';
import { commandNames, loadCommand } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { exitCodeOf, exitCodes } from '../../src/cli/exit-codes.ts';
import { asksForHelp } from '../../src/cli/help.ts';
import { createPaint } from '../../src/cli/paint.ts';
import { capturedIo } from './captured-io.ts';

describe('the command line', () => {
  it('lists every command with its summary on --help, on stdout', async () => {
    const io = capturedIo();
    expect(await dispatch(['--help'], io)).toBe(exitCodes.ok);
    const width = Math.max(...commandNames.map(({ length }) => length));
    for (const name of commandNames) {
      expect(io.out()).toContain(`  ${name.padEnd(width)}  ${(await loadCommand(name))?.summary}`);
    }
    expect(io.err()).toBe('');
  });

  it('says the same on stderr, as an error, when no command is given', async () => {
    const io = capturedIo();
    expect(await dispatch([], io)).toBe(exitCodes.usage);
    expect(io.err()).toContain('Usage: hybrid-mlnode <command>');
    expect(io.out()).toBe('');
  });

  it('explains each command that it lists, wherever the option stands', async () => {
    for (const name of commandNames) {
      const io = capturedIo();
      expect(await dispatch([name, '--nonsense', '-h'], io)).toBe(exitCodes.ok);
      expect(io.out()).toContain(`Usage: hybrid-mlnode ${name}`);
    }
  });

  it('says where settings come from when they lack', async () => {
    for (const [words, way] of [
      [['start'], 'hybrid-mlnode init asks for what is needed'],
      [['init', '--yes', '--no-test'], 'see: hybrid-mlnode init --help'],
    ] as const) {
      const io = capturedIo({ cwd: '/nonexistent' });
      expect(await dispatch([...words], io)).toBe(exitCodes.usage);
      expect(io.err()).toContain(way);
    }
  });

  it('guesses the command that was meant', async () => {
    const io = capturedIo();
    expect(await dispatch(['stauts'], io)).toBe(exitCodes.usage);
    expect(io.err()).toContain('"stauts" is no command; did you mean "status"?');
  });

  it('names a wrong option and where to read on', async () => {
    const io = capturedIo();
    expect(await dispatch(['status', '--jsno'], io)).toBe(exitCodes.usage);
    expect(io.err()).toContain("Unknown option '--jsno'; did you mean --json?");
    expect(io.err()).toContain('See: hybrid-mlnode status --help');
  });

  it('prints the version of the package', async () => {
    const io = capturedIo();
    expect(await dispatch(['--version'], io)).toBe(0);
    expect(io.out()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('arguments', () => {
  it('are taken strictly', () => {
    expect(() => parseArguments(['a', 'b'], {}, ['one'])).toThrow(new UsageError('unexpected word "b"'));
    expect(() => parseArguments([], {}, ['one'])).toThrow(new UsageError('<one> is missing'));
    expect(parseArguments(['x'], {}, ['one']).positionals).toEqual(['x']);
  });
  it('are numbers within their bounds or an error that names the option', () => {
    expect(numberOption('speed', '2.5', 1, 10)).toBe(2.5);
    expect(() => numberOption('speed', 'fast', 1, 10)).toThrow(
      '--speed must be a number, 1 to 10; it is "fast"',
    );
    expect(() => numberOption('speed', '', 0, 10)).toThrow(UsageError);
    expect(() => wholeNumberOption('seed', '1.5', 0, 10)).toThrow('--seed must be a whole number');
  });
  it('after -- are no options', () => {
    expect(asksForHelp(['--', '--help'])).toBe(false);
    expect(asksForHelp(['-h'])).toBe(true);
  });
});

describe('exit codes', () => {
  it('tell settings, a locked store and machines left behind from any other failure', () => {
    expect(exitCodeOf('CONFIG_INVALID')).toBe(2);
    expect(exitCodeOf('CONFIG_UNREADABLE')).toBe(2);
    expect(exitCodeOf('STORE_LOCKED')).toBe(3);
    expect(exitCodeOf('STOP_INCOMPLETE')).toBe(4);
    expect(exitCodeOf('VAST_NO_CREDIT')).toBe(1);
  });
});

describe('colour', () => {
  const terminal = { write: () => true, isTTY: true };
  it('is used on a terminal only, and not with NO_COLOR', () => {
    expect(createPaint(terminal, {}).red('x')).toBe('\u001b[31mx\u001b[39m');
    expect(createPaint(terminal, { NO_COLOR: '1' }).red('x')).toBe('x');
    expect(createPaint(terminal, { TERM: 'dumb' }).on).toBe(false);
    expect(createPaint({ write: () => true }, {}).on).toBe(false);
  });
});
