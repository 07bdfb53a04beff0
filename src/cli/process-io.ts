import { processEnvironment } from '../config/process-environment.ts';
import type { CommandIo } from './command.ts';

/** This process, as a command sees it. A reader of stdout that goes away (`| head`) ends it quietly. */
export function processIo(): CommandIo {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    env: processEnvironment(),
    cwd: process.cwd(),
    onStopSignal: (listener) => {
      process.on('SIGTERM', listener);
      process.on('SIGINT', listener);
      return () => {
        process.off('SIGTERM', listener);
        process.off('SIGINT', listener);
      };
    },
  };
}
