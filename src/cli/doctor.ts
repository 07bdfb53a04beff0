import { HybridError } from '../errors.ts';
import type { OpenAlert } from '../runtime/interface.ts';
import { parseArguments, UsageError, wholeNumberOption } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { createDaemonClient } from './daemon-client.ts';
import { checkCount, examine } from './doctor/examination.ts';
import { error, type Finding, type Host, ok, warning } from './doctor/finding.ts';
import { thisHost } from './doctor/this-host.ts';
import { exitCodes } from './exit-codes.ts';
import { operatorSettings } from './operator-settings.ts';
import { createPaint, type Paint } from './paint.ts';
import { createProgressLine } from './progress-line.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode doctor [options]

Looks at everything that this node needs and says what is not well, and the way out: settings, store and disk, SSH key,
ports and their exposure, clock, every chain source, the Network Node's admin API and callback port, every inference
API, the Vast.ai account with its credit, SSH key, instances and market, and the running daemon's alerts. It changes
nothing and rents nothing.

Options:
  --timeout <seconds>  limit of the whole examination, 1 to 300 (default 30)
  --json               one JSON object: {"errors":n,"warnings":n,"checks":[{"check","level","message","fix"}]}

Examples:
  hybrid-mlnode doctor
  hybrid-mlnode doctor --json | jq '.checks[] | select(.level == "error")'

Exit codes: 0 no error (warnings at most), 1 an error was found, 2 wrong arguments or settings.
`;

export const command: Command = {
  name: 'doctor',
  summary: 'Look at everything that this node needs, and say the way out.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      timeout: { type: 'string', default: '30' },
      json: { type: 'boolean', default: false },
    });
    const limitMs = wholeNumberOption('timeout', values.timeout, 1, 300) * 1000;
    const findings = await whileWanted(io, (stop) =>
      findingsOf(io, AbortSignal.any([stop, AbortSignal.timeout(limitMs)]), thisHost),
    );
    const errors = findings.filter(({ level }) => level === 'error').length;
    const warnings = findings.filter(({ level }) => level === 'warning').length;
    if (values.json) io.stdout.write(`${JSON.stringify({ errors, warnings, checks: findings })}\n`);
    else {
      const paint = createPaint(io.stdout, io.env);
      for (const finding of findings) io.stdout.write(line(finding, paint));
      io.stderr.write(`${findings.length} checks; errors: ${errors}, warnings: ${warnings}\n`);
    }
    const isUnreadable = findings.some(({ check, level }) => check === 'settings' && level === 'error');
    return isUnreadable ? exitCodes.usage : errors > 0 ? exitCodes.failed : exitCodes.ok;
  },
};

/** Everything that can be found; settings that cannot be read leave nothing else to look at. */
export async function findingsOf(
  io: CommandIo,
  signal: AbortSignal,
  host: Host,
): Promise<readonly Finding[]> {
  const node = ok('node', `Node ${process.versions.node}`);
  let settings: ReturnType<typeof operatorSettings>;
  const doubts: string[] = [];
  try {
    settings = operatorSettings({ ...io, stderr: { write: (text: string) => doubts.push(text) } });
  } catch (thrown) {
    if (!(thrown instanceof HybridError)) throw thrown;
    const faults = (thrown.facts as { faults?: readonly string[] }).faults ?? [thrown.message];
    const fix = 'see docs/reference/configuration.md, or run "hybrid-mlnode init"';
    return [node, ...faults.map((fault) => error('settings', fault, fix))];
  }
  const daemon = await daemonFindings(io);
  const progress = createProgressLine(io.stderr);
  let done = 0;
  const examined = await examine({ ...settings, host, isDaemonUp: daemon.isUp, signal }, (name) => {
    done += 1;
    progress.show(`${name} is examined`, done / checkCount);
  });
  progress.wipe();
  const settingsFindings =
    doubts.length === 0
      ? [ok('settings', 'every setting can be read')]
      : doubts.map((text) =>
          warning('settings', text.replace(/^warning: /, '').trim(), 'see docs/reference/configuration.md'),
        );
  return [node, ...settingsFindings, ...examined, ...daemon.findings];
}

/** What the running daemon complains about; that none runs is no fault. */
async function daemonFindings(io: CommandIo): Promise<{ isUp: boolean; findings: readonly Finding[] }> {
  try {
    const state = JSON.parse(await createDaemonClient(io).get('/v1/state')) as {
      alerts: readonly OpenAlert[];
    };
    const alerts = state.alerts.map(({ code, message }) =>
      warning('daemon', `${code}: ${message}`, 'see docs/reference/errors.md and docs/runbooks'),
    );
    return {
      isUp: true,
      findings: alerts.length === 0 ? [ok('daemon', 'it runs, without an open alert')] : alerts,
    };
  } catch (thrown) {
    const fix = 'check INSPECTION_HOST, INSPECTION_PORT and INSPECTION_TOKEN';
    // Something else may hold that port and answer in words of its own.
    if (thrown instanceof UsageError)
      return { isUp: false, findings: [error('daemon', thrown.message, fix)] };
    if (!(thrown instanceof HybridError)) throw thrown;
    if (thrown.code === 'DAEMON_NOT_RUNNING')
      return { isUp: false, findings: [ok('daemon', 'none runs on these settings')] };
    return { isUp: false, findings: [error('daemon', `${thrown.code}: ${thrown.message}`, fix)] };
  }
}

const colours = { ok: 'green', warning: 'yellow', error: 'red' } as const;

function line({ check, level, message, fix }: Finding, paint: Paint): string {
  const wayOut = fix === undefined ? '' : `\n${' '.repeat(9)}${paint.dim(`→ ${fix}`)}`;
  return `${paint[colours[level]](level.padEnd(7))}  ${paint.bold(check)}: ${message}${wayOut}\n`;
}
