import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSsh } from '../../src/adapters/ssh/index.ts';
import { Cancelled } from '../../src/cli/cancelled.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { runInit } from '../../src/cli/init.ts';
import { envText } from '../../src/cli/init/env-file.ts';
import type { Prompter } from '../../src/cli/init/prompter.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readSettingsFile } from '../../src/config/settings-file.ts';
import { capturedIo } from './captured-io.ts';
import { model, type OperatorTown, operatorTown } from './operator-town.ts';

let town: OperatorTown;
let env: Record<string, string>;
beforeEach(async () => {
  town = await operatorTown();
  const { VASTAI_SSH_KEY_PATH: _, DEPLOYMENT_ID: __, ...rest } = town.env;
  env = rest;
});
afterEach(() => town.close());

const written = (name = '.env'): string => readFileSync(join(town.dir, name), 'utf8');
const mode = (path: string): number => statSync(path).mode & 0o777;

describe('init without a terminal', () => {
  it('tests the keys, makes an SSH key and writes settings that only the owner can read and start can use', async () => {
    const io = capturedIo({ env, cwd: town.dir });
    expect(await dispatch(['init', '--yes', '--json'], io)).toBe(0);
    const done = JSON.parse(io.out()) as {
      env: string;
      sshKey: string;
      deploymentId: string;
      isKeyMade: boolean;
    };
    expect(mode(done.env)).toBe(0o600);
    expect(mode(done.sshKey)).toBe(0o600);
    expect(done.isKeyMade).toBe(true);
    expect(createSsh({ keyPath: done.sshKey }).publicKey()).toMatch(/^ssh-ed25519 /);
    expect(readFileSync(`${done.sshKey}.pub`, 'utf8')).toMatch(/^ssh-ed25519 \S+ hybrid-mlnode\n$/);
    const { config, warnings } = loadConfig({ env: { HOME: town.dir }, cwd: town.dir });
    expect(config.deploymentId).toBe(done.deploymentId);
    expect(config.vast.apiKey.reveal()).toBe('vast-canary');
    expect(warnings.filter((warning) => warning.includes('.env'))).toEqual([]);
    expect(io.out() + io.err()).not.toContain('canary');
  });

  it('leaves a doctor without an error behind', async () => {
    expect(await dispatch(['init', '--yes'], capturedIo({ env, cwd: town.dir }))).toBe(0);
    const io = capturedIo({ env: { HOME: town.dir }, cwd: town.dir });
    expect(await dispatch(['doctor', '--json'], io)).toBe(0);
  });

  it('never overwrites settings without a word, and keeps what was there when it is told to', async () => {
    writeFileSync(join(town.dir, '.env'), 'MLNODE_ID=the-old-one\n');
    const io = capturedIo({ env, cwd: town.dir });
    expect(await dispatch(['init', '--yes'], io)).toBe(2);
    expect(io.err()).toContain('exists and was not touched');
    expect(written()).toBe('MLNODE_ID=the-old-one\n');
    expect(await dispatch(['init', '--yes', '--overwrite'], capturedIo({ env, cwd: town.dir }))).toBe(0);
    expect(written()).toContain('MLNODE_ID=the-old-one');
    expect(written('.env.before')).toBe('MLNODE_ID=the-old-one\n');
    expect(mode(join(town.dir, '.env.before'))).toBe(0o600);
  });

  it('keeps the deployment and the SSH key when it is run again', async () => {
    const run = async (...words: string[]) => {
      const io = capturedIo({ env, cwd: town.dir });
      await dispatch(['init', '--yes', '--json', ...words], io);
      return JSON.parse(io.out()) as { deploymentId: string; isKeyMade: boolean };
    };
    const first = await run();
    const again = await run('--overwrite', '--daily-cap', '3');
    expect(again.deploymentId).toBe(first.deploymentId);
    expect(again.isKeyMade).toBe(false);
    expect(written()).toContain('MAX_DAILY_SPEND=3\n');
  });

  it.each([
    ['VASTAI_API_KEY', 'VAST_KEY_REFUSED'],
    ['HYPERBOLIC_API_KEY', 'UPSTREAM_KEY_REFUSED'],
  ])('writes nothing when the service refuses %s, unless it may not ask', async (name, code) => {
    const wrong = { ...env, [name]: 'wrong-canary' };
    const io = capturedIo({ env: wrong, cwd: town.dir });
    expect(await dispatch(['init', '--yes'], io)).toBe(1);
    expect(io.err()).toContain(code);
    expect(io.err()).not.toContain('canary');
    expect(existsSync(join(town.dir, '.env'))).toBe(false);
    expect(await dispatch(['init', '--yes', '--no-test'], capturedIo({ env: wrong, cwd: town.dir }))).toBe(0);
    expect(existsSync(join(town.dir, '.env'))).toBe(true);
  });

  it('takes keys from a file and from stdin, never from the command line', async () => {
    const { HYPERBOLIC_API_KEY: hyperbolic = '', VASTAI_API_KEY: vast = '', ...keyless } = env;
    writeFileSync(join(town.dir, 'vast.key'), `${vast}\n`);
    const io = capturedIo({ env: keyless, cwd: town.dir, stdin: `${hyperbolic}\n` });
    const words = ['init', '--yes', '--vast-key-file', 'vast.key', '--hyperbolic-key-file', '-'];
    expect(await dispatch(words, io)).toBe(0);
    expect(written()).toContain('HYPERBOLIC_API_KEY=upstream-canary\n');
    const none = capturedIo({ env: keyless, cwd: town.dir });
    expect(
      await dispatch(['init', '--yes', '--output', 'other.env', '--vast-key-file', 'no-such-file'], none),
    ).toBe(2);
    expect(none.err()).toContain('CONFIG_UNREADABLE');
  });

  it.each([
    [['--policy', 'sometimes'], '--policy (RENTAL_POLICY) must be'],
    [['--set', 'NO_SUCH_THING=1'], 'NO_SUCH_THING is no setting'],
    [['--set', 'LEASE_TTL'], '--set wants NAME=value'],
    [['--vps-ip', 'http://here'], '--vps-ip (VPS_IP)'],
    [['--vps', '10.0.0.1'], 'did you mean --vps-ip?'],
  ])('names what is wrong with %j', async (words, said) => {
    const io = capturedIo({ env, cwd: town.dir });
    expect(await dispatch(['init', '--yes', ...words], io)).toBe(2);
    expect(io.err()).toContain(said);
    expect(existsSync(join(town.dir, '.env'))).toBe(false);
  });

  it('says every setting that is missing when nobody can be asked', async () => {
    const io = capturedIo({ env: { HOME: town.dir }, cwd: town.dir });
    expect(await dispatch(['init'], io)).toBe(2);
    expect(io.err()).toContain('HYPERBOLIC_API_KEY is not set');
    expect(io.err()).toContain('VASTAI_API_KEY is not set');
  });
});

/** A person who answers from a list, and otherwise takes what lies ready. */
function scripted(answers: Readonly<Record<string, string>>): Prompter & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (message: string, initial: string | undefined): string => {
    asked.push(message);
    const found = Object.entries(answers).find(([part]) => message.includes(part));
    if (found?.[1] === '^C') throw new Cancelled('cancelled, nothing was written');
    return found?.[1] ?? initial ?? '';
  };
  return {
    asked,
    say: () => undefined,
    text: ({ message, initial }) => Promise.resolve(answer(message, initial)),
    secret: ({ message, initial }) => Promise.resolve(answer(message, initial)),
    choose: (message, _, initial) => Promise.resolve(answer(message, initial)),
    confirm: (message) => Promise.resolve(answer(message, 'no') === 'yes'),
  };
}

describe('init with a person', () => {
  const io = () => capturedIo({ env: { HOME: town.dir, ...sandbox() }, cwd: town.dir, isInteractive: true });
  /** What leads into the sandbox, which nobody is asked for. */
  const sandbox = (): Record<string, string> => {
    const { HYPERBOLIC_API_KEY: _, VASTAI_API_KEY: __, ...rest } = env;
    return rest;
  };
  const answers = { 'Its key': 'upstream-canary', 'Vast.ai key': 'vast-canary', 'Rental policy': 'sprint' };

  it('asks for what it needs, lets choose among the models that the API serves, and writes', async () => {
    const person = scripted(answers);
    expect(await runInit([], io(), person)).toBe(0);
    expect(person.asked).toContain('Its key');
    expect(person.asked.at(-1)).toContain('Model that the node presents');
    expect(written()).toContain(`MLNODE_INFERENCE_MODEL=${model}\n`);
    expect(written()).toContain('RENTAL_POLICY=sprint\n');
  });

  it('offers what is set already as the model, listed by the API or not', async () => {
    const { MLNODE_INFERENCE_MODEL: _, ...rest } = sandbox();
    for (const own of ['', 'the/networks-own-name']) {
      const env = { HOME: town.dir, ...rest, HYPERBOLIC_MODEL: model, MLNODE_INFERENCE_MODEL: own };
      const person = capturedIo({ env, cwd: town.dir, isInteractive: true });
      expect(await runInit(['--overwrite'], person, scripted(answers)), person.err()).toBe(0);
      expect(written()).toContain(`MLNODE_INFERENCE_MODEL=${own || model}\n`);
      rmSync(join(town.dir, '.env'));
    }
  });

  it('asks before it changes a file, and before it writes what a service refused', async () => {
    writeFileSync(join(town.dir, '.env'), 'MLNODE_ID=the-old-one\n');
    await expect(runInit([], io(), scripted(answers))).rejects.toThrow('exists and was not touched');
    const refusing = scripted({ ...answers, 'Vast.ai key': 'wrong', exists: 'yes' });
    expect(await runInit([], io(), refusing)).toBe(1);
    expect(written()).toBe('MLNODE_ID=the-old-one\n');
    const stubborn = scripted({ ...answers, 'Vast.ai key': 'wrong', exists: 'yes', 'all the same': 'yes' });
    expect(await runInit([], io(), stubborn)).toBe(0);
    expect(written()).toContain('VASTAI_API_KEY=wrong\n');
  });

  it('writes nothing after Ctrl-C', async () => {
    await expect(runInit([], io(), scripted({ 'Vast.ai key': '^C' }))).rejects.toThrow(Cancelled);
    expect(existsSync(join(town.dir, '.env'))).toBe(false);
  });
});

it('whatever stands in a setting is read back as it was', () => {
  const values = new Map([
    ['MLNODE_ID', 'plain-1'],
    ['VASTAI_ONSTART_SCRIPT', 'echo "it\'s $HOME" # no comment'],
    ['MLNODE_START_COMMAND', "python3 -m x 'y z'"],
  ]);
  writeFileSync(join(town.dir, 'odd.env'), envText(values));
  expect(readSettingsFile(town.dir, 'odd.env', {})?.values).toEqual(Object.fromEntries(values));
});
