import { constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

export interface Announcements {
  /** A server process began, with its command line. */
  readonly started: (pid: number, args: readonly string[]) => void;
  /** It is gone, whoever ended it. */
  readonly ended: (pid: number) => void;
}

/**
 * Hears from the `uvicorn` of the machine's bin directory: each start is a line in one named pipe, each life is a
 * pipe of its own whose end of file is the death (so a kill -9 is noticed as well). Gives back how to stop hearing.
 */
export function listenForServers(root: string, hear: Announcements): () => void {
  const { O_RDONLY, O_RDWR, O_NONBLOCK } = constants;
  const pipes = new Set<Socket>();
  const open = (name: string, flags: number): Socket => {
    const pipe = new Socket({
      fd: openSync(join(root, 'run', name), flags | O_NONBLOCK),
      readable: true,
      writable: false,
    });
    pipes.add(pipe);
    pipe.on('error', () => pipe.destroy());
    pipe.on('close', () => pipes.delete(pipe));
    return pipe;
  };
  const life = (pid: number): void => {
    const pipe = open(`uvicorn.${pid}`, O_RDONLY);
    unlinkSync(join(root, 'run', `uvicorn.${pid}`));
    let isListening = true;
    stop.push(() => (isListening = false));
    pipe.on('close', () => isListening && hear.ended(pid)).resume();
  };
  const stop: (() => void)[] = [];
  // Kept open for writing too: it never ends, and shims that wait for it end with this process.
  open('forever', O_RDWR).pause();
  let rest = '';
  open('starts', O_RDWR).on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [pid = '', ...args] = line.split('\u001F');
      life(Number(pid));
      hear.started(Number(pid), args);
    }
  });
  return () => {
    for (const act of stop) act();
    for (const pipe of pipes) pipe.destroy();
  };
}
