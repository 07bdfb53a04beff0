import { HybridError, toFault } from '../../errors.ts';
import { logEnd, startFailure } from '../../policy/start-failure.ts';
import type { MachineRoom } from './machine-room.ts';

/** Real milliseconds. */
const tailTimeoutMs = 15_000;
const tailBytes = 16_000;

/** Logs of the programs that this daemon starts on a machine; places as in the start text. */
export type MachineLog = 'mlnode' | 'vllm';

/**
 * Why a model did not come up: memory, download or something else, told apart by the program's own words and the end of
 * its log. The log of a start holds no prompt.
 */
export async function startFault(
  room: Pick<MachineRoom, 'exec'>,
  leaseId: string,
  { log, said }: { readonly log: MachineLog; readonly said: string },
  signal: AbortSignal,
): Promise<HybridError> {
  const tail = await logTail(room, leaseId, log, signal);
  const code = startFailure(`${said}\n${tail}`);
  const end = logEnd(tail);
  const message = [said.slice(0, 300), end === '' ? 'its log says nothing' : `log: ${end}`].join('; ');
  return new HybridError({ code, message });
}

async function logTail(
  room: Pick<MachineRoom, 'exec'>,
  leaseId: string,
  log: MachineLog,
  signal: AbortSignal,
): Promise<string> {
  try {
    const command = `tail -c ${tailBytes} "$HOME/.ghm/${log}.log"`;
    const { exitCode, stdout } = await room.exec(leaseId, command, tailTimeoutMs, signal);
    return exitCode === 0 ? stdout : '';
  } catch (error) {
    if (signal.aborted) throw error;
    return `(the log could not be read: ${toFault(error).code})`;
  }
}
