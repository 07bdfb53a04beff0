import { once } from 'node:events';
import { pino } from 'pino';
import { loadConfig } from '../../src/config/load.ts';
import { startDaemonProcess } from '../../src/wiring/daemon-process.ts';
import { createHttpNeighbours } from '../../src/wiring/http-neighbours.ts';
import { sabotaged, type SabotageName } from './sabotages.ts';

/**
 * The daemon as `start` runs it, with one neighbour sabotaged: `node sabotaged-daemon.ts <sabotage>`, settings from
 * the environment. Ends at SIGTERM with 0, or with 4 when machines are left.
 */
const name = process.argv[2] as SabotageName;
const { config } = loadConfig({ env: process.env, cwd: process.cwd() });
const log = pino({ level: config.logLevel, base: null }, pino.destination(2));
const stopAsked = once(process, 'SIGTERM');
const running = await startDaemonProcess(config, log, (settings, clock) =>
  sabotaged(name, createHttpNeighbours(settings, clock), clock),
);
await stopAsked;
const { left } = await running.stop({ keep: false });
process.exit(left.length === 0 ? 0 : 4);
