import type { CommandIo } from './command.ts';

/** Runs something that lasts until Ctrl-C or SIGTERM, which abort its signal. */
export async function whileWanted<Result>(
  io: Pick<CommandIo, 'onStopSignal'>,
  act: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stopping = new AbortController();
  const unlisten = io.onStopSignal(() => stopping.abort());
  try {
    return await act(stopping.signal);
  } finally {
    unlisten();
  }
}
