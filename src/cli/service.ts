import { existsSync, readFileSync } from 'node:fs';
import { parseArguments, UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { confirmed } from './confirmation.ts';
import { exitCodes } from './exit-codes.ts';
import { installSteps, performSteps } from './service-install.ts';
import { programCommand } from './program-command.ts';

const help = `
Usage: hybrid-mlnode service unit|install [options]

The systemd service. "unit" prints its unit file for this program; "install" puts it in place: a system user
hybrid-mlnode, /etc/hybrid-mlnode with the settings and the SSH key, the unit; "--now" starts it as well. The service
runs "start --keep": a stop, also that of an upgrade, leaves machines to the next start within LEASE_TTL.

Options:
  --env <path>  settings to take over (default .env); VASTAI_SSH_KEY_PATH is taken along
  --now         enable and start it too
  --root <dir>  put files below that directory and change nothing else, to look at
  --yes         do not ask
  --dry-run     print the steps only
  --json        the steps as one JSON object

Examples:
  hybrid-mlnode service unit | systemd-analyze security --offline=true /dev/stdin
  sudo hybrid-mlnode service install --dry-run
  sudo hybrid-mlnode service install --env /root/node/.env --now

Exit codes: 0 done, 1 a step failed, 2 wrong arguments or not confirmed.
`;

export const command: Command = {
  name: 'service',
  summary: 'Print or install the hardened systemd service.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values, positionals } = parseArguments(
      args,
      {
        env: { type: 'string', default: '.env' },
        now: { type: 'boolean', default: false },
        root: { type: 'string' },
        yes: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
      ['unit|install'],
    );
    const unit = unitText();
    if (positionals[0] === 'unit') {
      io.stdout.write(values.json ? `${JSON.stringify({ unit })}\n` : unit);
      return exitCodes.ok;
    }
    if (positionals[0] !== 'install') throw new UsageError(`"${positionals[0]}" is neither unit nor install`);
    const steps = installSteps({ io, unit, envPath: values.env, root: values.root, isNow: values.now });
    const told = steps.map(({ sentence }) => sentence);
    if (values.json) io.stdout.write(`${JSON.stringify({ steps: told, isDone: !values['dry-run'] })}\n`);
    else for (const sentence of told) io.stdout.write(`${sentence}\n`);
    if (values['dry-run']) return exitCodes.ok;
    if (values.root === undefined && /^\/(home|root)\//.test(programCommand()))
      throw new UsageError(
        'this program lies below a home directory, which the service cannot see; install it for all: npm install --global',
      );
    if (values.root === undefined && process.getuid?.() !== 0)
      throw new UsageError('only root may install a service (sudo)');
    await confirmed('These steps are taken now.', values.yes, io);
    return performSteps(steps, io);
  },
};

/** The unit of the package, with the command that runs this very program. */
export function unitText(): string {
  const file = new URL('../../deploy/systemd/hybrid-mlnode.service', import.meta.url);
  if (!existsSync(file)) throw new UsageError('this copy has no deploy folder');
  return readFileSync(file, 'utf8').replace(
    /^ExecStart=\/usr\/bin\/hybrid-mlnode/m,
    `ExecStart=${programCommand()}`,
  );
}
