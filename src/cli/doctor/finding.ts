import type { Config } from '../../config/config.ts';
import { HybridError, toFault } from '../../errors.ts';
import type { Clock } from '../../runtime/clock.ts';

/** One line of the doctor's: what was looked at, how it is, and the way out where it is not well. */
export interface Finding {
  /** Name of the check: `vast.credit`. */
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'error';
  readonly message: string;
  /** Absent where nothing has to be done. */
  readonly fix?: string;
}

/** A program of this host that listens. */
export interface HostListener {
  readonly address: string;
  readonly port: number;
}

/** This computer, as the doctor sees it; a test has one of its own. */
export interface Host {
  /** Unix milliseconds of the wall clock. */
  now(): number;
  /** Undefined where that cannot be known. */
  listeners(): readonly HostListener[] | undefined;
  /** Every address of its interfaces. */
  addresses(): readonly string[];
  /** Bytes that an unprivileged program may still write where `path` is, or will be. */
  freeBytes(path: string): number;
}

/** Everything that a check may ask. */
export interface Patient {
  readonly config: Config;
  readonly clock: Clock;
  readonly deploymentId: string | undefined;
  readonly host: Host;
  /** Whether a daemon answers at the inspection address of these settings. */
  readonly isDaemonUp: boolean;
  /** Ends every question, at the latest when the whole examination has to be over. */
  readonly signal: AbortSignal;
}

/** Never rejects for what it is there to find. */
export type Check = (patient: Patient) => Promise<readonly Finding[]>;

export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message });
export const warning = (check: string, message: string, fix: string): Finding => ({
  check,
  level: 'warning',
  message,
  fix,
});
export const error = (check: string, message: string, fix: string): Finding => ({
  check,
  level: 'error',
  message,
  fix,
});

/** A failure as a finding, its code first. */
export const failed = (check: string, thrown: unknown, fix: string): Finding => {
  const { code, message } = toFault(thrown);
  return error(check, thrown instanceof HybridError ? `${code}: ${message}` : message, fix);
};
