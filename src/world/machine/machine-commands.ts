import { nvidiaSmi, type CommandResult, type SmiGpu } from './nvidia-smi.ts';

export interface CommandPlace {
  readonly gpus: readonly SmiGpu[];
  readonly isGpuBroken: boolean;
  /** Somebody left a sign of life for the dead-man switch. */
  readonly pulse: () => void;
  /** Ends a process by its number; false when there is none. */
  readonly kill: (pid: number) => boolean;
}

/**
 * A command over SSH on a machine without a shell: the few programs that the daemon calls, one after the other, the
 * last exit code counting. Anything else is not found. The sandbox runs a real shell instead.
 */
export function runCommand(command: string, place: CommandPlace): CommandResult {
  const total = { exitCode: 0, stdout: '', stderr: '' };
  if (/>\s*"?\$HOME\/\.ghm\/pulse"?\s*$/.test(command)) {
    place.pulse();
    return total;
  }
  for (const part of command.split(/\n|;|&&/)) {
    const words = [...part.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
    const [name, ...args] = words;
    if (name === undefined || name.startsWith('#')) continue;
    const result = run(name, args, place);
    total.exitCode = result.exitCode;
    total.stdout += result.stdout;
    total.stderr += result.stderr;
  }
  return total;
}

function run(name: string, args: readonly string[], place: CommandPlace): CommandResult {
  switch (name) {
    case 'true':
      return { exitCode: 0, stdout: '', stderr: '' };
    case 'echo':
      return { exitCode: 0, stdout: `${args.join(' ')}\n`, stderr: '' };
    case 'nvidia-smi':
      return nvidiaSmi(place.gpus, place.isGpuBroken, args);
    case 'kill': {
      const isKilled = place.kill(Number(args.at(-1)));
      return { exitCode: isKilled ? 0 : 1, stdout: '', stderr: isKilled ? '' : 'kill: No such process\n' };
    }
    default:
      return { exitCode: 127, stdout: '', stderr: `sh: 1: ${name}: not found\n` };
  }
}
