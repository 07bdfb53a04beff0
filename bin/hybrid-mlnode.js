#!/usr/bin/env node
// Plain JavaScript without static imports, so that an old Node can read it: it only finds one that is new enough.
const needed = [24, 15];

const [major, minor] = process.versions.node.split('.').map(Number);
const isNewEnough = major > needed[0] || (major === needed[0] && minor >= needed[1]);
const main = await program();

if (isNewEnough) await import(main.href);
else await runBundled();

async function runBundled() {
  const bundled = await findBundled();
  if (bundled === undefined) {
    console.error(
      `hybrid-mlnode needs Node ${needed.join('.')} or newer and runs on ${process.versions.node}; "npm ci" brings one for Linux.`,
    );
    process.exit(1);
  }
  const { spawn } = await import('node:child_process');
  const { fileURLToPath } = await import('node:url');
  const child = spawn(bundled, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; the child decides when it has stopped, this process only waits for it.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal));
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => {
    if (!onTerminal) child.kill('SIGINT');
  });
  child.on('error', (error) => {
    console.error(`hybrid-mlnode cannot start ${bundled}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** A checkout runs its sources; the package has compiled files only, because Node strips no types below node_modules. */
async function program() {
  const { existsSync } = await import('node:fs');
  const source = new URL('../src/main.ts', import.meta.url);
  return existsSync(source) ? source : new URL('../dist/main.js', import.meta.url);
}

/** The binary of the platform's `node-…` package, wherever npm put it. */
async function findBundled() {
  const { createRequire } = await import('node:module');
  const { existsSync } = await import('node:fs');
  const { dirname, join } = await import('node:path');
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve(`node-${process.platform}-${process.arch}/package.json`);
    const binary = join(dirname(manifest), 'bin', 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}
