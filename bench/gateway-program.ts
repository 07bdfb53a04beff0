import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type BackEndMode, gatewayUnderTest } from './gateway-under-test.ts';

/** `node bench/gateway-program.ts <back end's port> <mode>`: tells its port, then answers its parent's questions. */
const [backEndPort, mode] = process.argv.slice(2);
const app = gatewayUnderTest(Number(backEndPort), mode as BackEndMode);
await app.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
process.send?.({ port: (app.server.address() as AddressInfo).port });

/** The histogram holds whole intervals between two samples; the delay is what exceeds this one. */
const sampleMs = 1;
const loop = monitorEventLoopDelay({ resolution: sampleMs });
const delayMs = (intervalNs: number): number => Math.max(0, intervalNs / 1e6 - sampleMs);

/** V8's own collector, which a program sees only when it asks. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', (question) => {
  if (question === 'watchLoop') {
    loop.reset();
    loop.enable();
    process.send?.('watching');
  } else if (question === 'loopDelay') {
    loop.disable();
    process.send?.({ p999Ms: delayMs(loop.percentile(99.9)), maxMs: delayMs(loop.max) });
  } else if (question === 'liveHeap') {
    collect();
    process.send?.(process.memoryUsage().heapUsed / 1e6);
  } else if (question === 'stop') leave();
});
process.on('disconnect', leave);

/** By itself, so that a profile is written. */
function leave(): void {
  process.removeListener('disconnect', leave);
  setTimeout(() => process.exit(0), 2_000).unref();
  void app.close().finally(() => process.exit(0));
}
