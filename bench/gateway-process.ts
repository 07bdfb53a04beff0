import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { BackEndMode } from './gateway-under-test.ts';
import { pinned } from './cores.ts';
import type { Subject } from './subject.ts';

export interface GatewayProcessOptions {
  /** Undefined = wherever the kernel puts it. */
  readonly core?: number;
  readonly backEndPort: number;
  /** @default 'asAsked' */
  readonly mode?: BackEndMode;
  /** For Node itself, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
}

/** What the gateway program tells about itself. */
export interface LoopDelay {
  readonly p999Ms: number;
  readonly maxMs: number;
}

export interface GatewayProcess extends Subject {
  /** Watches the event loop from now on, anew. */
  watchLoop(): Promise<void>;
  /** Delays beyond the sampling interval since `watchLoop`, and the end of the watch. */
  loopDelay(): Promise<LoopDelay>;
  /** Megabytes of V8's heap that are in use after a full collection. */
  liveHeapMb(): Promise<number>;
}

/** How long the program may take to listen, to answer a question or to leave. */
const replyTimeoutMs = 20_000;

/** Starts the gateway under test as a process of its own. Rejects when it does not listen within 20 s. */
export async function startGateway(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const program = join(import.meta.dirname, 'gateway-program.ts');
  const args = [
    ...(options.nodeFlags ?? []),
    program,
    String(options.backEndPort),
    options.mode ?? 'asAsked',
  ];
  const command = [process.execPath, ...args];
  const { file, args: rest } =
    options.core === undefined ? { file: process.execPath, args } : pinned(options.core, command);
  const child = spawn(file, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.on('exit', kill);
  const { port } = (await reply(child)) as { port: number };
  if (child.pid === undefined) throw new Error('the gateway did not start');
  const ask = (question: string): Promise<unknown> => {
    const answer = reply(child);
    child.send(question);
    return answer;
  };
  return {
    name: 'gateway',
    pid: child.pid,
    port,
    watchLoop: async () => void (await ask('watchLoop')),
    loopDelay: async () => (await ask('loopDelay')) as LoopDelay,
    liveHeapMb: async () => (await ask('liveHeap')) as number,
    stop: async () => {
      process.off('exit', kill);
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.send('stop');
      const late = setTimeout(kill, replyTimeoutMs);
      await gone;
      clearTimeout(late);
    },
  };
}

function reply(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => settle(new Error('the gateway program is silent')), replyTimeoutMs);
    const heard = (message: unknown): void => settle(undefined, message);
    const left = (code: number | null): void => settle(new Error(`the gateway program left with ${code}`));
    function settle(error: Error | undefined, message?: unknown): void {
      clearTimeout(late);
      child.off('message', heard).off('exit', left);
      if (error) reject(error);
      else resolve(message);
    }
    child.once('message', heard).once('exit', left);
  });
}
