import { UsageError } from './arguments.ts';
import type { CommandIo } from './command.ts';
import { readLine } from './stdin-line.ts';

/**
 * Asks before something is rented, deleted or overwritten. Resolves when a person says yes, or `--yes` stands on the
 * command line. Throws UsageError when the answer is no, and at once where nobody sits who could answer.
 */
export async function confirmed(question: string, isYes: boolean, io: CommandIo): Promise<void> {
  if (isYes) return;
  if (io.isInteractive !== true)
    throw new UsageError(`${question} Nobody can be asked here (no terminal): repeat it with --yes`);
  io.stderr.write(`${question}\nGo on? [y/N] `);
  const answer = await readLine(io.stdin[Symbol.asyncIterator]()).catch(() => '');
  if (!/^y(es)?\s*$/i.test(answer)) throw new UsageError('not confirmed, nothing was done');
}
