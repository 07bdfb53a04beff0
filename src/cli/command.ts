import type { Environment } from '../config/settings-file.ts';

/** Where text goes. `isTTY` decides about colour and progress lines. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a command sees of its process; a test gives its own. */
export interface CommandIo {
  /** Data: what somebody may pipe on. */
  readonly stdout: TextSink;
  /** Talk: progress, warnings, errors. */
  readonly stderr: TextSink;
  readonly stdin: AsyncIterable<Buffer | string>;
  /** True when a person sits at both ends: only then may a command ask. @default false */
  readonly isInteractive?: boolean;
  readonly env: Environment;
  readonly cwd: string;
  /** Calls `listener` on each SIGTERM and SIGINT from now on, in place of ending the process. Returns the remover. */
  onStopSignal(listener: (signal: 'SIGTERM' | 'SIGINT') => void): () => void;
}

/** One word after `hybrid-mlnode`. */
export interface Command {
  readonly name: string;
  /** One line in the list of commands. */
  readonly summary: string;
  /** What `--help` prints, without the program's own title. */
  readonly help: string;
  /**
   * Resolves with the exit code. Throws UsageError for wrong arguments and HybridError for everything foreseen; both
   * are printed and mapped to their exit codes by the dispatcher.
   */
  run(args: string[], io: CommandIo): Promise<number>;
}
