import { dispatch } from '../../src/cli/dispatch.ts';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { capturedIo } from './captured-io.ts';
import type { OperatorTown } from './operator-town.ts';

export interface Report {
  readonly errors: number;
  readonly warnings: number;
  readonly checks: readonly Finding[];
}

/** `doctor --json` in that town, with some settings changed. */
export async function doctorIn(
  town: OperatorTown,
  changes: Readonly<Record<string, string>>,
): Promise<{ code: number; report: Report }> {
  const io = capturedIo({ env: { ...town.env, ...changes }, cwd: town.dir });
  const code = await dispatch(['doctor', '--json', '--timeout', '8'], io);
  return { code, report: JSON.parse(io.out()) as Report };
}

export const named = ({ checks }: Report, level: Finding['level']): string[] => [
  ...new Set(checks.filter((finding) => finding.level === level).map(({ check }) => check)),
];
