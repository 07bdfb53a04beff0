import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExecResult } from '../../../src/adapters/ssh/interface.ts';
import { HybridError } from '../../../src/errors.ts';
import type { ModelProgress } from '../../../src/machines/lease-context.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import { unixMs } from '../../../src/units.ts';
import { startScript, startVllm } from '../../../src/wiring/machine/vllm-start.ts';
import { configWith } from '../settings.ts';
import { silent } from '../small-town.ts';

const model = 'org/name';
const machine = { leaseId: 'A', model, gpuCount: 2 };

/** A vLLM that writes down how it was called and serves, dies, or stays at work as it is told. */
const python = `#!/bin/sh
for arg in "$@"; do printf '%s\\n' "$arg"; done >>"$HOME/called"
echo "level $VLLM_LOGGING_LEVEL"
case "$VLLM_TEST" in
  dies) echo "$VLLM_LAST_WORDS"; exit 1 ;;
esac
touch "$HOME/serving"
exec sleep 60
`;

let home = '';
let env: Record<string, string> = {};
let now = 1_800_000_000_000;
let progress: ModelProgress[] = [];
/** Looks for models so far, and from which on the model is served. */
let looks = 0;
let servedFrom = 1;
let lookFault: HybridError | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hybrid-vllm-'));
  program('python3', python);
  program('nvidia-smi', `#!/bin/sh\nprintf '8.9\\n8.0\\n'\n`);
  env = { HOME: home, PATH: `${home}:/usr/bin:/bin` };
  [now, progress, looks, servedFrom, lookFault] = [1_800_000_000_000, [], 0, 1, undefined];
});
afterEach(async () => {
  await run('kill -9 "$(cat "$HOME/.ghm/vllm.pid")" 2>/dev/null');
  rmSync(home, { recursive: true, force: true });
});

function program(name: string, text: string): void {
  writeFileSync(join(home, name), text);
  chmodSync(join(home, name), 0o755);
}

/** As sshd runs a command: by the login shell of that user. */
const run = (command: string): Promise<ExecResult> =>
  new Promise((resolve) => {
    const shell = spawn('/bin/sh', ['-c', command], { env });
    let [stdout, stderr] = ['', ''];
    shell.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    shell.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    shell.on('close', (exitCode) => resolve({ exitCode: exitCode ?? -1, stdout, stderr }));
  });

/** Its waits are over as soon as what runs on the machine had a moment. */
const clock = {
  now: () => unixMs(now),
  sleep: async (ms: number) => {
    now += ms;
    await new Promise((resolve) => setTimeout(resolve, 30));
  },
} as unknown as Clock;

const start = (settings: Record<string, string> = {}, signal = new AbortController().signal): Promise<void> =>
  startVllm(
    {
      config: configWith(settings),
      clock,
      log: silent,
      onProgress: (_leaseId, seen) => void progress.push(seen),
      room: {
        isOpen: () => true,
        exec: (_leaseId, command) => run(command),
        mlnode: () =>
          ({
            servedModels: () => {
              looks += 1;
              if (lookFault !== undefined) return Promise.reject(lookFault);
              return Promise.resolve(existsSync(join(home, 'serving')) && looks >= servedFrom ? [model] : []);
            },
          }) as never,
      },
    },
    machine,
    signal,
  );
const called = (): string[] => readFileSync(join(home, 'called'), 'utf8').trimEnd().split('\n');
const log = (): string => readFileSync(join(home, '.ghm/vllm.log'), 'utf8');

describe('a plain vLLM', () => {
  it('is started on loopback, spread over the GPUs, by what the weakest of them can', async () => {
    await start({ MLNODE_VLLM_ARGS: '--max-num-seqs 7', MLNODE_PORT: '18081' });
    const args = called();
    expect(args.slice(0, 6)).toEqual([
      '-m',
      'vllm.entrypoints.openai.api_server',
      '--host',
      '127.0.0.1',
      '--port',
      '18081',
    ]);
    expect(args.slice(6)).toEqual(
      expect.arrayContaining(['--model', model, '--tensor-parallel-size', '2', '--max-num-seqs', '7']),
    );
    // 8.0 has no FP8 units, whatever 8.9 beside it has.
    expect(args).not.toContain('--quantization');
    // Prompts never reach the log of a rented machine.
    expect(log()).toContain('level WARNING');
  });

  it('is left alone when it runs already', async () => {
    await start();
    const pid = readFileSync(join(home, '.ghm/vllm.pid'), 'utf8');
    await start();
    expect(readFileSync(join(home, '.ghm/vllm.pid'), 'utf8')).toBe(pid);
    expect(called().filter((arg) => arg === '--model')).toHaveLength(1);
  });

  it('is started anew when the one before has died', async () => {
    await start();
    await run('kill -9 "$(cat "$HOME/.ghm/vllm.pid")"; rm "$HOME/serving"');
    await start();
    expect(called().filter((arg) => arg === '--model')).toHaveLength(2);
  });

  it('is waited for while it loads, with a word once a minute, and while nobody answers yet', async () => {
    servedFrom = 20;
    lookFault = new HybridError({ code: 'MLNODE_UNREACHABLE', message: 'not yet' });
    setTimeout(() => (lookFault = undefined), 300);
    await start();
    expect(looks).toBeGreaterThanOrEqual(20);
    const seconds = progress.map(({ elapsedSeconds }) => elapsedSeconds);
    expect(seconds.slice(0, 2)).toEqual([5, 65]);
    expect(progress.every(({ step }) => step === 'starting')).toBe(true);
  });

  it.each([
    ['torch.OutOfMemoryError: CUDA out of memory.', 'MODEL_OUT_OF_MEMORY'],
    ['huggingface_hub.errors.RepositoryNotFoundError: 404', 'MODEL_DOWNLOAD_FAILED'],
    ['RuntimeError: something else', 'MODEL_START_FAILED'],
  ])('that ends with %s fails with %s and these words', async (words, code) => {
    env = { ...env, VLLM_TEST: 'dies', VLLM_LAST_WORDS: words };
    await expect(start()).rejects.toMatchObject({ code, message: expect.stringContaining(words) as string });
  });

  it('is not started by an image without python', async () => {
    rmSync(join(home, 'python3'));
    env = { ...env, PATH: `${home}:${join(home, 'bin')}` };
    for (const name of ['mkdir', 'cat', 'kill', 'tail'])
      program(name, `#!/bin/sh\nPATH=/usr/bin:/bin exec ${name} "$@"\n`);
    await expect(start()).rejects.toMatchObject({
      code: 'MODEL_START_FAILED',
      message: expect.stringContaining('no python3 in the image') as string,
    });
  });

  it('is given up with the rental', async () => {
    servedFrom = Number.POSITIVE_INFINITY;
    const ending = new AbortController();
    const starting = start({}, ending.signal);
    lookFault = new HybridError({ code: 'ABORTED', message: 'enough' });
    ending.abort();
    await expect(starting).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('is given each argument as it is, whatever the shell would make of it', async () => {
    const args = ["it's", '$HOME `id` "x" \\', '*', '{"a": [1]}', '-'];
    expect((await run(startScript({ mlnodePort: 18_080 }, args))).exitCode).toBe(0);
    await expect.poll(() => existsSync(join(home, 'serving'))).toBe(true);
    expect(called().slice(6)).toEqual(args);
  });
});
