import { pino } from 'pino';
import type { Config } from '../config/config.ts';
import type { PocVersion } from '../policy/poc-version.ts';
import { dollars, microUsd, type MicroUsd, milliseconds } from '../units.ts';
import { createHttpNeighbours } from '../wiring/http-neighbours.ts';
import {
  rehearse,
  type RehearsalOptions,
  type RehearsalPhase,
  type RehearsalReport,
  type RehearsalTerms,
} from '../wiring/rehearsal/rehearsal.ts';
import { numberOption, parseArguments, UsageError, wholeNumberOption } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { confirmed } from './confirmation.ts';
import { exitCodes } from './exit-codes.ts';
import { problemOf } from './init/questions.ts';
import { operatorSettings } from './operator-settings.ts';
import { createPaint } from './paint.ts';
import { createProgressLine } from './progress-line.ts';

const help = `
Usage: hybrid-mlnode rehearse [options]

The live test: chooses and rents one machine by the same steps as the daemon, boots and qualifies it, for PoC v2 with
its model loaded, drives a PoC on it against a receiver of its own (the chain and the Network Node never hear of it),
prints how long each part took, and returns the machine, whatever happens, Ctrl-C included. It costs real money, mostly
a few cents, with a large model more. The daemon may run meanwhile; its caps do not count this.

Options:
  --yes                      do not ask before renting
  --poc <version>            v1 or v2 (default: POC_VERSION, else as the chain says, else v1)
  --estimated-minutes <n>    what the rental is reckoned with, 1 to 600 (default 15, for v2 60)
  --max-cost <dollars>       rent nothing that would cost more in that time (default MAX_DAILY_SPEND)
  --docker-image <image>     another image than DOCKER_IMAGE
  --wait-timeout <seconds>   from the order to a qualified machine, 60 to 14400 (default 2400, for v2 with
                             MODEL_LOAD_TIMEOUT on top)
  --poc-seconds <n>          how long nonces are counted, 5 to 3600 (default 60)
  --skip-poc                 stop at the qualified machine
  --keep                     leave the machine running: it ends by itself after LEASE_TTL; the next rehearsal returns it
  --json                     the report as one JSON object

Examples:
  hybrid-mlnode rehearse --estimated-minutes 20 --max-cost 0.50
  hybrid-mlnode rehearse --poc v2 --estimated-minutes 90 --max-cost 5
  hybrid-mlnode rehearse --yes --skip-poc --docker-image ghcr.io/product-science/mlnode:3.0.11-post1 --json

Exit codes: 0 everything went well, 1 something did not (the machine is back), 2 wrong arguments or settings, or not
confirmed, 3 another rehearsal runs, 4 the machine is not proven gone, 130 stopped by Ctrl-C (the machine is back).
`;

export const command: Command = {
  name: 'rehearse',
  summary: 'Rent a machine, run a PoC of its own on it, return it: the live test.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      yes: { type: 'boolean', default: false },
      poc: { type: 'string' },
      'estimated-minutes': { type: 'string' },
      'max-cost': { type: 'string' },
      'docker-image': { type: 'string' },
      'wait-timeout': { type: 'string' },
      'poc-seconds': { type: 'string', default: '60' },
      'skip-poc': { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const minutes = optional(values['estimated-minutes'], (text) =>
      numberOption('estimated-minutes', text, 1, 600),
    );
    const waitMs = optional(
      values['wait-timeout'],
      (text) => numberOption('wait-timeout', text, 60, 14_400) * 1000,
    );
    const generationMs = wholeNumberOption('poc-seconds', values['poc-seconds'], 5, 3600) * 1000;
    const { config: own, clock, deploymentId } = operatorSettings(io);
    const config = withOptions(own, {
      image: values['docker-image'],
      version: optional(values.poc, pocOption),
      waitMs: waitMs ?? waitMsDefault,
      isPocSkipped: values['skip-poc'],
    });
    const max = values['max-cost'];
    const costMax =
      max === undefined
        ? config.rental.maxDailySpend
        : microUsd(Math.floor(numberOption('max-cost', max, 0, 1000) * 1e6));
    const { stop, giveUp, unlisten } = stopSignals(io);
    const line = createProgressLine(io.stderr);
    const options: RehearsalOptions = {
      config,
      clock,
      deploymentId: `${deploymentId ?? 'unnamed'}-rehearsal`,
      neighbours: createHttpNeighbours(config, clock),
      log: pino(
        { level: config.logLevel === 'info' ? 'warn' : config.logLevel, base: null },
        pino.destination(2),
      ),
      times: (version) => ({
        estimatedMs: (minutes ?? minutesDefault[version]) * 60_000,
        waitMs: waitMs ?? waitMsDefault + (version === 'v2' ? config.machineModel.loadTimeoutMs : 0),
      }),
      costMax,
      generationMs,
      isPocSkipped: values['skip-poc'],
      isKept: values.keep,
      agree: (rental) => agree(rental, { costMax, isYes: values.yes, io }),
      onPhase: (phase) => tell(phase, line, io),
      signal: stop,
      giveUp,
    };
    const report = await rehearse(options).finally(unlisten);
    line.wipe();
    if (values.json) io.stdout.write(`${JSON.stringify(plain(report))}\n`);
    else conclude(report, io);
    return codeOf(report, stop.aborted);
  },
};

/** The first Ctrl-C ends the rehearsal and returns the machine; the second gives up the wait for the proof. */
function stopSignals(io: CommandIo) {
  const [stop, giveUp] = [new AbortController(), new AbortController()];
  const unlisten = io.onStopSignal(() => {
    if (stop.signal.aborted) giveUp.abort();
    else io.stderr.write('stopping; the machine is returned first\n');
    stop.abort();
  });
  return { stop: stop.signal, giveUp: giveUp.signal, unlisten };
}

const minutesDefault = { v1: 15, v2: 60 };
const waitMsDefault = 2_400_000;

const optional = <Value>(text: string | undefined, read: (text: string) => Value): Value | undefined =>
  text === undefined ? undefined : read(text);

function pocOption(text: string): PocVersion {
  if (text === 'v1' || text === 'v2') return text;
  throw new UsageError('--poc must be v1 or v2');
}

interface Changes {
  readonly image: string | undefined;
  readonly version: PocVersion | undefined;
  readonly waitMs: number;
  readonly isPocSkipped: boolean;
}

function withOptions(config: Config, { image, version, waitMs, isPocSkipped }: Changes): Config {
  if (config.vast.apiKey.reveal() === '' || config.vast.sshKeyPath === '')
    throw new UsageError('VASTAI_API_KEY and VASTAI_SSH_KEY_PATH must be set to rent a machine');
  if (config.machineModel.imageKind === 'vllm' && !isPocSkipped)
    throw new UsageError('MLNODE_IMAGE_KIND=vllm runs no PoC, so only --skip-poc can be rehearsed');
  const problem = image === undefined ? undefined : problemOf('DOCKER_IMAGE', image);
  if (problem !== undefined) throw new UsageError(`--docker-image ${problem}`);
  const wait = milliseconds(waitMs);
  const { vast, rental, machineModel } = config;
  return {
    ...config,
    machineModel: {
      ...machineModel,
      pocVersion: version ?? machineModel.pocVersion,
      // Who names an image means it, whatever PoC it is for.
      imageV2: image ?? machineModel.imageV2,
    },
    // The SSH of a policy that rents: `off` stands for the daemon.
    // One machine, and none for safety: it has all the time that was given.
    rental: { ...rental, policy: rental.policy === 'off' ? 'sprint' : rental.policy, hedges: 0 },
    vast: {
      ...vast,
      image: image ?? vast.image,
      readyTimeoutMs: wait,
      sshReadyTimeoutMs: wait,
      mlnodeStartTimeoutMs: wait,
    },
  };
}

interface Terms {
  readonly costMax: MicroUsd;
  readonly isYes: boolean;
  readonly io: CommandIo;
}

async function agree(
  { offer, worstCase, version, estimatedMs }: RehearsalTerms,
  { costMax, isYes, io }: Terms,
): Promise<void> {
  const what = `${offer.gpuCount} × ${offer.gpuName} for ${dollars(offer.price)}/h, for PoC ${version}`;
  const cost = `${dollars(worstCase)} at most in ${estimatedMs / 60_000} minutes, traffic and return included`;
  if (worstCase > costMax)
    throw new UsageError(`the best machine, ${what}, would cost ${cost}; more than --max-cost allows`);
  io.stderr.write(`${what} (machine ${offer.machineId}, ${offer.geolocation}): ${cost}\n`);
  await confirmed(`This rents it now.`, isYes, io);
}

function tell(
  { name, seconds }: RehearsalPhase,
  line: ReturnType<typeof createProgressLine>,
  io: CommandIo,
): void {
  line.wipe();
  io.stderr.write(`${seconds.toFixed(1).padStart(8)} s  ${name}\n`);
  line.show('…');
}

function plain({ phases, version, poc, lease, cost, fault, end }: RehearsalReport): object {
  return {
    ok: fault === null && end !== 'not proven gone' && (poc === null || poc.isValidated),
    end,
    fault,
    pocVersion: version,
    phases,
    poc,
    costUsd: cost === null ? null : cost / 1e6,
    machine:
      lease === null
        ? null
        : {
            leaseId: lease.leaseId,
            instanceId: lease.instanceId,
            label: lease.label,
            machineId: lease.offer.machineId,
            gpuName: lease.offer.gpuName,
            gpuCount: lease.offer.gpuCount,
            priceUsdPerHour: lease.offer.price / 1e6,
            endsAt: lease.ttlUntil === null ? null : new Date(lease.ttlUntil).toISOString(),
          },
  };
}

function conclude({ phases, poc, lease, cost, fault, end }: RehearsalReport, io: CommandIo): void {
  const paint = createPaint(io.stdout, io.env);
  const total = phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const write = (text: string): void => void io.stdout.write(`${text}\n`);
  for (const { name, seconds } of phases) write(`${seconds.toFixed(1).padStart(8)} s  ${name}`);
  write(`${total.toFixed(1).padStart(8)} s  all together`);
  if (poc !== null)
    write(
      `${poc.nonces} nonces in ${poc.batches} batches, ${poc.noncesPerMinute} a minute; own batch ${poc.isValidated ? 'found honest' : paint.red('found fraudulent')}`,
    );
  const where = lease === null ? '' : ` (instance ${lease.instanceId}, label ${lease.label})`;
  if (end === 'kept')
    write(
      `the machine is kept${where}; without a renewal it ends by itself within its time to live, and the next rehearsal returns it`,
    );
  else if (end === 'not proven gone')
    write(paint.red(`the machine is not proven gone${where}: look at it yourself`));
  else write(`${end}${cost === null ? '' : `, ${dollars(cost)} by our own meter`}`);
  if (fault !== null) io.stderr.write(`${paint.red('failed')} ${fault.code}: ${fault.message}\n`);
}

function codeOf({ fault, end, poc }: RehearsalReport, isStopped: boolean): number {
  if (end === 'not proven gone') return exitCodes.stopIncomplete;
  if (isStopped) return exitCodes.cancelled;
  return fault === null && poc?.isValidated !== false ? exitCodes.ok : exitCodes.failed;
}
