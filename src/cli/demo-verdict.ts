import { blemishes, type Bounds } from '../sandbox/blemishes.ts';
import type { Figures } from '../sandbox/figures.ts';
import type { RunReport } from '../sandbox/run.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { createPaint } from './paint.ts';

/** Says how a run went; with `isJson` the figures are the one line on stdout. Returns the demo's exit code. */
export function demoVerdict(
  { figures, daemonExitCode }: Pick<RunReport, 'figures' | 'daemonExitCode'>,
  bounds: Bounds,
  isJson: boolean,
  io: Pick<CommandIo, 'stdout' | 'stderr' | 'env'>,
): number {
  const faults = blemishes(figures, bounds);
  if (daemonExitCode !== 0) faults.push(`the daemon's stop ended with exit code ${daemonExitCode}`);
  const talk = isJson ? io.stderr : io.stdout;
  const paint = createPaint(talk, io.env);
  talk.write(`\n${summary(figures)}\n`);
  for (const fault of faults) talk.write(`${paint.red('not as it should be')}: ${fault}\n`);
  if (faults.length === 0) talk.write(`${paint.green('all as it should be')}\n`);
  if (isJson) io.stdout.write(`${JSON.stringify(figures)}\n`);
  return faults.length === 0 ? exitCodes.ok : exitCodes.failed;
}

function summary(figures: Figures): string {
  const { inference } = figures;
  return [
    `epochs       ${figures.completed} of ${figures.epochs} completed, ${figures.missed} missed`,
    ...(figures.confirmationsServed + figures.confirmationsMissed === 0
      ? []
      : [
          `confirmed    ${figures.confirmationsServed} confirmation PoCs served, ${figures.confirmationsMissed} missed`,
        ]),
    `nonces       ${figures.noncesProduced} computed, ${figures.noncesSent} sent, ${figures.noncesAccepted} accepted by the Network Node`,
    `validations  ${figures.validationsDelivered} delivered, callbacks lost: ${figures.callbacksLost}`,
    `machines     ${figures.leases} rented, ${figures.machines} in a PoC at least, ${figures.leakedInstances} leaked`,
    `money        $${figures.costUsd.toFixed(4)} for ${figures.paidSeconds} paid GPU seconds, ${figures.usefulSeconds} of them in PoC`,
    `inference    ${inference.requests} requests (${inference.streamed} streamed), ${inference.failed} failed`,
  ].join('\n');
}
