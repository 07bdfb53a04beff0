/**
 * What an ML node's sender does on the machine, as a process of its own: posts numbered batches one after the other
 * and repeats each until it is taken, however long that lasts.
 *
 *     node retrying-sender.ts <port> <batches> <pauseMs>
 */
import { setTimeout as pause } from 'node:timers/promises';

const [port, batches, pauseMs] = process.argv.slice(2).map(Number);
for (let batch = 1; batch <= (batches ?? 0); batch += 1) {
  while (!(await isTaken(batch))) await pause(pauseMs);
  await pause(pauseMs);
}

async function isTaken(batch: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/pow/batches/generated`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ batch }),
    });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}
