import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../src/sandbox/free-port.ts';
import { pinned } from './cores.ts';
import type { Subject } from './subject.ts';

/** What an operator types when nginx is missing. */
export const nginxInstall = 'apt-get install nginx-light';

/** Path and version of nginx; undefined where there is none. */
export function findNginx(): { readonly path: string; readonly version: string } | undefined {
  for (const path of ['nginx', '/usr/sbin/nginx']) {
    const { stderr, status } = spawnSync(path, ['-v'], { encoding: 'utf8', timeout: 5_000 });
    if (status === 0) return { path, version: /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown' };
  }
  return undefined;
}

/** nginx as the yardstick: one process on `core` that passes everything to the back end. */
export async function startNginx(path: string, core: number, backEndPort: number): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-nginx-'));
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, backEndPort));
  const { file: command, args } = pinned(core, [path, '-p', folder, '-c', file]);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.on('exit', kill);
  await listening(port);
  if (child.pid === undefined) throw new Error('nginx did not start');
  return {
    name: 'nginx',
    pid: child.pid,
    port,
    stop: async () => {
      process.off('exit', kill);
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      kill();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A single process is the one worker; nothing is buffered, because an answer may be a stream. */
const configuration = (folder: string, port: number, backEndPort: number): string => `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log error;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  upstream back_end {
    server 127.0.0.1:${backEndPort};
    keepalive 1024;
    keepalive_timeout 600s;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://back_end;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;

async function listening(port: number): Promise<void> {
  const signal = AbortSignal.timeout(5_000);
  for (;;) {
    const isUp = await fetch(`http://127.0.0.1:${port}/v1/models`, { signal }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isUp) return;
    signal.throwIfAborted();
    await sleep(20);
  }
}
