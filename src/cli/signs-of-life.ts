import type { DaemonProcess } from '../wiring/daemon-process.ts';

const answerLimitMs = 5_000;

/**
 * Whether a daemon really works: its rows can be read, and it answers on its own listener, which takes every turn of
 * the event loop that a caller's answer would take.
 */
export async function looksAlive({
  daemon,
  inspectionUrl,
}: Pick<DaemonProcess, 'inspectionUrl'> & {
  readonly daemon: Pick<DaemonProcess['daemon'], 'rows'>;
}): Promise<boolean> {
  try {
    daemon.rows.rows({ chart: 'service' });
    const answer = await fetch(`${inspectionUrl}/livez`, { signal: AbortSignal.timeout(answerLimitMs) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
