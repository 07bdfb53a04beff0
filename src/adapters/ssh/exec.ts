import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import type { Client, ClientChannel } from 'ssh2';
import { HybridError } from '../../errors.ts';
import { bounded } from './bounded.ts';
import type { ExecResult } from './interface.ts';
import { processEndCommand } from './process-end.ts';

/** Kept of each of stdout and stderr; the rest is read and dropped. Bytes. */
export const outputBytesMax = 64 * 1024;
/** Login noise that may come before the command's own output. Bytes. */
const noiseBytesMax = 16 * 1024;
/**
 * A child that went into the background with its output still attached keeps the channel open after the command's
 * exit status came: the output counts as complete once nothing came for this long. Real milliseconds.
 */
const quietMs = 1_000;
/** How long the channel of an abandoned command stays open for its process number. Real milliseconds. */
const lastHopeMs = 5_000;

/**
 * Runs one command. A first line that names the shell's process goes in front of it: what a login prints before
 * (banner, motd; docs/reference/vast.md "SSH and networking") is cut off there, and a command that outlives its limit
 * can be ended by its number. Closing the channel does not end it, a signal through the channel is refused for root,
 * and a pty would mix stderr into stdout.
 */
export async function execCommand(
  client: Client,
  where: string,
  command: string,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<ExecResult> {
  const bounds = { ...options, what: `command on ${where}`, timeoutCode: 'WIRE_TIMEOUT' } as const;
  return await bounded<ExecResult>(bounds, ({ resolve, reject }) => {
    const running = new RunningCommand(client, where);
    try {
      client.exec(`${running.firstLine}\n${command}`, (error, channel) => {
        if (error) reject(openingFault(where, error));
        else running.follow(channel, resolve, reject);
      });
    } catch (error) {
      reject(openingFault(where, error));
    }
    return () => running.abandon();
  });
}

class RunningCommand {
  readonly #client: Client;
  readonly #where: string;
  readonly #marker = `hybrid-mlnode-exec-${randomBytes(6).toString('hex')}`;
  readonly #stdout = new BoundedText(outputBytesMax + noiseBytesMax);
  readonly #stderr = new BoundedText(outputBytesMax);
  #channel: ClientChannel | undefined;
  #exit: number | undefined;
  #isAbandoned = false;
  #isHoping = false;
  #isEnded = false;
  #quiet: NodeJS.Timeout | undefined;

  constructor(client: Client, where: string) {
    this.#client = client;
    this.#where = where;
  }

  get firstLine(): string {
    return `echo "${this.#marker} $$"`;
  }

  follow(
    channel: ClientChannel,
    resolve: (result: ExecResult) => void,
    reject: (error: unknown) => void,
  ): void {
    this.#channel = channel;
    const finish = (): void => {
      clearTimeout(this.#quiet);
      channel.close();
      if (this.#exit === undefined) reject(lost(this.#where));
      else resolve({ exitCode: this.#exit, stdout: this.#ownOutput(), stderr: this.#stderr.text() });
    };
    const heard = (): void => {
      if (this.#isAbandoned) this.abandon();
      else if (this.#exit !== undefined) {
        clearTimeout(this.#quiet);
        this.#quiet = setTimeout(finish, quietMs);
      }
    };
    channel.on('error', () => undefined);
    channel.on('data', (chunk: Buffer) => {
      this.#stdout.add(chunk);
      heard();
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      this.#stderr.add(chunk);
      heard();
    });
    channel.on('exit', (code: number | null, signalName?: string) => {
      this.#exit = code ?? exitCodeOfSignal(signalName);
      heard();
    });
    channel.on('close', finish);
    heard();
  }

  /** Ends the command on the machine as soon as its process number is known. */
  abandon(): void {
    this.#isAbandoned = true;
    clearTimeout(this.#quiet);
    if (this.#channel === undefined) return;
    const pid = this.#pid();
    if (pid === undefined) {
      // The shell has not even begun; its process number is worth a moment.
      if (!this.#isHoping) setTimeout(() => this.#channel?.close(), lastHopeMs).unref();
      this.#isHoping = true;
      return;
    }
    this.#channel.close();
    if (this.#isEnded || this.#exit !== undefined) return;
    this.#isEnded = true;
    try {
      this.#client.exec(processEndCommand(pid), (error, channel) => {
        if (error) return;
        channel.on('error', () => undefined).resume();
        channel.stderr.resume();
      });
    } catch {
      // The connection is gone, and with it every way to reach the process.
    }
  }

  #pid(): number | undefined {
    const found = new RegExp(`${this.#marker} (\\d+)\n`).exec(this.#stdout.text());
    return found === null ? undefined : Number(found[1]);
  }

  #ownOutput(): string {
    const text = this.#stdout.text();
    const [line] = new RegExp(`${this.#marker}[^\n]*\n`).exec(text) ?? [];
    const own = line === undefined ? text : text.slice(text.indexOf(line) + line.length);
    return own.slice(0, outputBytesMax);
  }
}

/** The first `bytesMax` bytes of a stream. */
class BoundedText {
  readonly #bytesMax: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }
  add(chunk: Buffer): void {
    if (this.#bytes >= this.#bytesMax) return;
    const kept = chunk.subarray(0, this.#bytesMax - this.#bytes);
    this.#chunks.push(kept);
    this.#bytes += kept.length;
  }
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

/** As a shell counts it. An exit status that never came is a lost connection, not a success. */
function exitCodeOfSignal(name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  const number = (constants.signals as Record<string, number>)[name.startsWith('SIG') ? name : `SIG${name}`];
  return 128 + (number ?? 0);
}

function lost(where: string): HybridError {
  return new HybridError({ code: 'SSH_LOST', message: `command on ${where}: the connection broke first` });
}

/** A refused session (the server allows 10 at once) is worth another try; everything else is a dead connection. */
function openingFault(where: string, error: unknown): HybridError {
  const { reason } = (error ?? {}) as { reason?: unknown };
  if (reason === undefined) return lost(where);
  const message = `command on ${where}: the machine refuses another session`;
  return new HybridError({ code: 'SSH_EXEC_FAILED', message }, { class: 'retryable' });
}
