import { pino } from 'pino';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { type DaemonProcess, startDaemonProcess, type StopReport } from '../wiring/daemon-process.ts';
import { parseArguments } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { collectLoadGarbage } from './load-garbage.ts';
import { createNarrator } from './narrator.ts';
import { saveDeployment } from './saved-deployment.ts';
import { createServiceManager } from './service-manager.ts';
import { looksAlive } from './signs-of-life.ts';

const help = `
Usage: hybrid-mlnode start [--keep] [--log-json]

Runs the daemon until SIGTERM or Ctrl-C: the permanent ML node, the chain watch, and (unless RENTAL_POLICY=off) the
rental of GPU machines for PoC. Settings come from the process environment, .env and config/.env; see .env.example.

A stop ends every rented machine and waits for the proof, at most 60 s; what is still listed then is named and the
exit code is 4. A second Ctrl-C, half a second later at the earliest, gives the wait up.

Options:
  --keep      leave rented machines running at the stop; they destroy themselves at the printed time, and a start
              before that takes them over
  --log-json  log lines as JSON (the default when stderr is no terminal)

Under systemd (Type=notify) it says when it is up, when it stops, and at a third of WatchdogSec that it lives.

Examples:
  hybrid-mlnode start
  hybrid-mlnode start --keep --log-json

Exit codes: 0 stopped, 1 failed, 2 wrong settings, 3 another daemon runs on this STATE_DIR, 4 machines are left.
`;

export const command: Command = {
  name: 'start',
  summary: 'Run the daemon.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      keep: { type: 'boolean', default: false },
      'log-json': { type: 'boolean', default: false },
    });
    const { config, warnings } = loadConfig({ env: io.env, cwd: io.cwd });
    for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
    const isStory = io.stderr.isTTY === true && !values['log-json'];
    // Lines for a person tell the story; the log then keeps to what went wrong.
    const log = pino({ level: isStory ? 'warn' : config.logLevel, base: null }, pino.destination(2));
    const stopping = stopSignal(io);
    collectLoadGarbage();
    const running = await startDaemonProcess(config, log);
    if (isStory) narrate(running, io);
    greet(running, config, io);
    const onFailure = (message: string): void => void io.stderr.write(`warning: ${message}\n`);
    const manager = createServiceManager({ env: io.env, onFailure });
    manager.ready(`ML node ${config.node.id} at ${running.gatewayUrl}`, () => looksAlive(running));
    await stopping;
    const intent = values.keep
      ? 'stopping; machines are kept'
      : 'stopping; every rented machine is returned first';
    io.stderr.write(`${intent}\n`);
    await manager.stopping(intent);
    return farewell(await running.stop({ keep: values.keep }), io);
  },
};

/** Real milliseconds in which a second signal is the first one again: sent to a whole group, and handed on by a parent. */
const sameSignalMs = 500;

/** The first signal asks for a stop; the second ends the process where it stands. */
function stopSignal(io: CommandIo): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    io.onStopSignal(() => {
      if (askedAt !== undefined && performance.now() - askedAt > sameSignalMs)
        process.exit(exitCodes.stopIncomplete);
      askedAt ??= performance.now();
      resolve();
    });
  });
}

function greet(running: DaemonProcess, config: Config, io: CommandIo): void {
  const line = (text: string): void => void io.stderr.write(`${text}\n`);
  line(`ML node "${config.node.id}" at ${running.gatewayUrl}, inspection page at ${running.inspectionUrl}/`);
  line(`inference by ${config.upstream.name}, model ${config.model}; rental policy ${config.rental.policy}`);
  if (config.timeScale !== 1)
    line(
      `a sandbox: its clock runs ${config.timeScale} times as fast; "2 min" are ${seconds(120 / config.timeScale)} here`,
    );
  if (running.isDeploymentUnsaved) {
    const file = saveDeployment(io.cwd, running.deploymentId);
    line(
      file === undefined
        ? `add this line to your .env, so that a lost store still knows its machines: DEPLOYMENT_ID=${running.deploymentId}`
        : `DEPLOYMENT_ID=${running.deploymentId} was added to ${file}, so that a lost store still knows its machines`,
    );
  }
  const { warning } = running.daemon.planning.planner.choice();
  if (warning !== null) line(`warning: RENTAL_POLICY=${config.rental.policy}, and ${warning}`);
}

const seconds = (real: number): string => `${Number(real.toPrecision(2))} s`;

function narrate(running: DaemonProcess, io: CommandIo): void {
  const tell = createNarrator();
  running.daemon.rows.onStep((entry) => {
    const sentence = tell(entry);
    if (sentence !== null) io.stderr.write(`${sentence.subject} ${sentence.text}\n`);
  });
}

function farewell({ left, kept, returned }: StopReport, io: CommandIo): number {
  for (const { instanceId, ttlUntil } of kept) {
    const until =
      ttlUntil === null ? 'once its container has started' : `at ${new Date(ttlUntil).toISOString()}`;
    io.stderr.write(`instance ${instanceId ?? '(not created yet)'} is kept; it destroys itself ${until}\n`);
  }
  for (const { instanceId } of returned) {
    io.stderr.write(`instance ${instanceId} is destroyed, and two lists prove it\n`);
  }
  for (const { instanceId, label } of left) {
    io.stderr.write(
      `instance ${instanceId ?? '(unknown)'} with label ${label} is not proven gone: look at it yourself\n`,
    );
  }
  io.stderr.write(left.length === 0 ? 'stopped\n' : 'stopped, but machines are left\n');
  return left.length === 0 ? exitCodes.ok : exitCodes.stopIncomplete;
}
