import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * A program that keeps the protocol of a machine's process and is nothing else: one line of JSON in, one out, books
 * that tell what it was given, and a child of its own as a shell would leave one.
 */
const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => {
  const spec = JSON.parse(line) as { instanceId: number; onstart: string };
  if (spec.onstart === 'break') process.exit(3);
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  const keys: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.url === '/sandbox/keys') keys.push((JSON.parse(body) as { key: string }).key);
      const books = {
        args: process.argv.slice(2),
        spec,
        keys,
        pids: [process.pid, child.pid],
        downloadedGb: 2,
      };
      response.end(JSON.stringify(books));
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ port, sshPort: 41_000, directPort: 41_001 })}\n`);
  });
});
