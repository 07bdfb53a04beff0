import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify, stripVTControlCharacters } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { found } from '../support/inhabited-town.ts';

const run = promisify(execFile);
const mainPath = join(import.meta.dirname, '../../src/main.ts');

/** What `init` asks, in its order; each answer lies ready. */
const questions = [
  'Inference API (OpenAI-compatible base URL)',
  'Its key',
  'Vast.ai key',
  'Most that a machine may cost',
  'Most that may be spent',
  'Admin API of your Network Node',
  'Origin of its callback port',
  'Sources of the chain',
  'Address of this host',
  'Rental policy',
  'Model that the node presents',
];

/** A person's folder, with nothing in it and no other home. */
function newcomer() {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-newcomer-'));
  const env = { PATH: process.env['PATH'], HOME: folder };
  const children: ChildProcess[] = [];
  onTestFinished(async () => {
    for (const child of children) await stopped(child, 'SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  const begin = (program: string, words: readonly string[]): ChildProcess => {
    const child = spawn(program, words, { cwd: folder, env, stdio: 'pipe' });
    children.push(child);
    return child;
  };
  return {
    folder,
    begin: (...words: string[]) => begin(process.execPath, [mainPath, ...words]),
    /** With a terminal of its own, wide enough that no question is broken. */
    beginAtTerminal: (...words: string[]) => {
      const line = ['stty cols 200 rows 50;', process.execPath, mainPath, ...words].join(' ');
      return begin('script', ['-qec', line, '/dev/null']);
    },
    /** Its JSON; rejects for an exit code other than 0. */
    told: async (...words: string[]): Promise<unknown> =>
      JSON.parse((await run(process.execPath, [mainPath, ...words, '--json'], { cwd: folder, env })).stdout),
  };
}

/** The exit code. */
async function stopped(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  return child.exitCode;
}

/** Presses Enter at each question, once it is asked. Resolves with what stood on the screen, and the exit code. */
async function answerAll(child: ChildProcess): Promise<{ screen: string; code: number | null }> {
  let screen = '';
  const open = [...questions];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    if (open[0] === undefined || !stripVTControlCharacters(screen).includes(open[0])) return;
    open.shift();
    child.stdin?.write('\r');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { screen, code };
}

it('a newcomer without a key comes from an empty folder to a machine that is ready, as the README says', {
  timeout: 90_000,
}, async () => {
  const { folder, begin, beginAtTerminal, told } = newcomer();
  // The chain waits for the daemon, however long this computer takes to get there.
  const chain = { firstPocStartHeight: 2_089_150, faults: { halt: 1 } };
  const options = JSON.stringify({ chain, vast: { accidents: 0 } });
  const town = begin('sandbox', 'town', '--settings', '.env', '--speed', '90', '--options', options);
  const [line] = (await once(createInterface({ input: town.stdout! }), 'line')) as [string];
  const { ports } = JSON.parse(line) as { ports: Record<string, number> };

  const { screen, code } = await answerAll(beginAtTerminal('init', '--overwrite'));
  expect(screen).toContain('next: hybrid-mlnode doctor, then hybrid-mlnode start');
  expect(code).toBe(0);
  expect(screen).not.toContain('sandbox-vast-key');
  expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);

  expect(await told('doctor')).toMatchObject({ errors: 0 });

  const daemon = begin('start');
  let log = '';
  daemon.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
  const page = await found(async () => /inspection page at (\S+)/.exec(log)?.[1], 30_000);
  await fetch(`http://127.0.0.1:${ports['chain']}/sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify({ name: 'halt', value: 0 }),
  });
  expect((await fetch(page)).status).toBe(200);
  const ready = await found(async () => {
    const { epochs } = (await told('epochs')) as { epochs: { epochIndex: number; state: string }[] };
    return epochs.find(({ state }) => state === 'ready');
  }, 40_000);
  expect(await told('plan')).toMatchObject({ plan: { epochIndex: ready.epochIndex } });
  expect(await told('monitor')).toMatchObject({ epochIndex: ready.epochIndex - 1 });

  // A group of processes hears a signal twice: from whoever sent it, and handed on by the process that began it.
  daemon.kill('SIGTERM');
  await found(async () => log.includes('returned first') || undefined, 10_000);
  expect(await stopped(daemon, 'SIGTERM'), log).toBe(0);
  expect(log).toContain('two lists prove it');
  expect(await stopped(town, 'SIGINT')).toBe(0);
  expect(existsSync(join(folder, '.ssh'))).toBe(false);
});
