import type { CommandIo } from '../../src/cli/command.ts';

/** An io that keeps what was written, and whose stop signals a test sends. */
export interface CapturedIo extends CommandIo {
  out(): string;
  err(): string;
  stop(signal?: 'SIGTERM' | 'SIGINT'): void;
}

export function capturedIo(
  options: { env?: Record<string, string>; stdin?: string; cwd?: string; isInteractive?: boolean } = {},
): CapturedIo {
  const out: string[] = [];
  const err: string[] = [];
  const listeners = new Set<(signal: 'SIGTERM' | 'SIGINT') => void>();
  return {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    stdin: pieces(options.stdin ?? ''),
    isInteractive: options.isInteractive ?? false,
    env: options.env ?? {},
    cwd: options.cwd ?? '/nowhere',
    onStopSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    out: () => out.join(''),
    err: () => err.join(''),
    stop: (signal = 'SIGTERM') => {
      for (const listener of listeners) listener(signal);
    },
  };
}

async function* pieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += 7) yield text.slice(at, at + 7);
}
