import type { ChildProcess } from 'node:child_process';
import type { ServerChannel, Session } from 'ssh2';

/** sshd's default `MaxSessions`. */
const sessionsMax = 10;

/** The commands of one SSH connection. A command outlives its channel, unless it has a terminal that hangs up. */
export class MachineSshSessions {
  readonly #run: (command: string) => ChildProcess;
  #open = 0;
  constructor(run: (command: string) => ChildProcess) {
    this.#run = run;
  }

  open(accept: () => Session, reject: () => void): void {
    if (this.#open >= sessionsMax) return reject();
    this.#open += 1;
    const session = accept();
    let hasTerminal = false;
    session.once('close', () => (this.#open -= 1));
    session.on('pty', (acceptPty) => {
      hasTerminal = true;
      acceptPty?.();
    });
    session.on('env', (acceptEnv) => acceptEnv?.());
    // `signal` has no listener: sshd refuses it for root.
    session.on('exec', (acceptExec, _, { command }) => {
      connect(this.#run(command), acceptExec(), hasTerminal);
    });
  }
}

function connect(child: ChildProcess, channel: ServerChannel, hasTerminal: boolean): void {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) return channel.close();
  channel.on('error', () => undefined);
  channel.pipe(stdin);
  stdout.pipe(channel, { end: false });
  stderr.pipe(channel.stderr, { end: false });
  let isOver = false;
  child.on('exit', (code, signal) => {
    isOver = true;
    if (code !== null) channel.exit(code);
    else channel.exit(signal?.replace(/^SIG/, '') ?? 'KILL');
  });
  // All output is there once the last process that shares the pipes has closed them.
  child.on('close', () => {
    channel.end();
    channel.close();
  });
  child.on('error', () => channel.close());
  channel.on('close', () => {
    stdout.resume();
    stderr.resume();
    if (!isOver && hasTerminal && child.pid !== undefined) hangUp(child.pid);
  });
}

function hangUp(pid: number): void {
  try {
    process.kill(-pid, 'SIGHUP');
  } catch {
    // It ended meanwhile.
  }
}
