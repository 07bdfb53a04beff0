import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which a system numbers outgoing connections: one of these could take the port meanwhile. */
const [first, last] = [20_000, 32_000] as const;
const triesMax = 50;

/** A loopback port on which nobody listens at this moment. Throws RangeError when none is found. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = first + Math.floor(Math.random() * (last - first));
    if (await isFree(port)) return port;
  }
  throw new RangeError(`no free port found between ${first} and ${last}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
