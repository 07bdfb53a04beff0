import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { commandNames } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { capturedIo } from './captured-io.ts';

const run = promisify(execFile);
const isInstalled = (shell: string): boolean =>
  existsSync(`/usr/bin/${shell}`) || existsSync(`/bin/${shell}`);
let folder: string;
const script = (shell: string): string => join(folder, shell);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hybrid-completion-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    const io = capturedIo();
    expect(await dispatch(['completion', shell], io)).toBe(0);
    writeFileSync(script(shell), io.out());
  }
  writeFileSync(script('a file.key'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is offered for the last word of a line. */
const offered: Readonly<Record<string, (words: readonly string[]) => Promise<readonly string[]>>> = {
  bash: async (words) => {
    const line = words.map((word) => `'${word}'`).join(' ');
    const ask = `source ./bash; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _hybrid_mlnode; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['--norc', '-c', ask], { cwd: folder });
    return stdout.split('\n').filter((line) => line !== '');
  },
  fish: async (words) => {
    const ask = `source ./fish; complete -C '${words.join(' ')}'`;
    const { stdout } = await run('fish', ['--no-config', '-c', ask], {
      cwd: folder,
      env: { ...process.env, HOME: folder },
    });
    return stdout.split('\n').flatMap((line) => line.split('\t')[0] || []);
  },
};

describe.each(Object.entries(offered))('in %s', (shell, ask) => {
  const it = test.skipIf(!isInstalled(shell));

  it('every command is offered', async () => {
    expect(await ask(['hybrid-mlnode', ''])).toEqual(expect.arrayContaining([...commandNames]));
    expect(await ask(['hybrid-mlnode', 'si'])).toEqual(['simulate']);
  });

  it.each([
    [['sandbox', 't'], ['town']],
    [
      ['nodes', 'c'],
      ['check', 'clean'],
    ],
    [['completion', 'z'], ['zsh']],
    [['rent', '--unt'], ['--until']],
    [['rent', '--until', 'e'], ['epoch-end']],
    [['logs', '--fol'], ['--follow']],
    [['help', 'sim'], ['simulate']],
    [['init', '--vast-key-file', 'a'], ['a file.key']],
  ])('%j becomes %j', async (words, whole) => {
    const found = await ask(['hybrid-mlnode', ...words]);
    expect(found.map((word) => word.replaceAll('\\', '')).toSorted()).toEqual(whole);
  });
});

/** Types into an interactive zsh and waits for what then stands on the screen. */
async function typed(setUp: string, steps: readonly (readonly [typed: string, seen: RegExp])[]) {
  const shell = spawn('script', ['-qec', 'stty cols 200; exec zsh -f -i', '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TERM: 'xterm' },
  });
  const exited = once(shell, 'exit');
  let screen = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (screen += stripVTControlCharacters(text)));
  try {
    for (const [keys, seen] of [[`${setUp}; print re''ady\n`, /ready/] as const, ...steps]) {
      screen = '';
      shell.stdin.write(keys);
      await expect.poll(() => screen, { timeout: 10_000 }).toMatch(seen);
    }
  } finally {
    shell.kill('SIGKILL');
    await exited;
  }
}

describe.skipIf(!isInstalled('zsh'))('in zsh', () => {
  /** The rest of the word appears behind the cursor; Ctrl-U empties the line. */
  const steps = [
    ['hybrid-mlnode sim\t', /ulate/],
    ['\u0015hybrid-mlnode rent --unt\t', /il/],
    ['\u0015hybrid-mlnode rent --until e\t', /poch-end/],
    ['\u0015hybrid-mlnode sandbox to\t', /wn/],
    ['\u0015hybrid-mlnode init --vast-key-file a\t', /file\.key/],
    ['\u0015hybrid-mlnode simulate --hos\t', /t-failure/],
  ] as const;
  const begin = 'autoload -Uz compinit; compinit -u -d dump';

  it('it completes when it is sourced', { timeout: 60_000 }, async () => {
    await typed(`${begin}; source ./zsh`, steps);
  });

  it('it completes as a file of fpath', { timeout: 60_000 }, async () => {
    await typed(`mkdir -p f; cp zsh f/_hybrid-mlnode; fpath=($PWD/f $fpath); ${begin}`, steps);
  });
});
