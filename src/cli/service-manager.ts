import { execFile } from 'node:child_process';
import type { Environment } from '../config/settings-file.ts';

/** What systemd is told (man sd_notify); without systemd nobody is. */
export interface ServiceManager {
  /** The service is up. From now on it is told at every third of WatchdogSec that the service lives. */
  ready(status: string, isAlive: () => Promise<boolean>): void;
  /** The stop began; no more signs of life are given, or wanted. */
  stopping(status: string): Promise<void>;
}

export interface ServiceManagerOptions {
  readonly env: Environment;
  /** Said once, when systemd cannot be reached. */
  readonly onFailure: (message: string) => void;
}

const notifyTimeoutMs = 10_000;

/**
 * Speaks through `systemd-notify`, because the socket is a datagram one, which Node cannot open; the unit needs
 * `NotifyAccess=all` for that. A sign of life is given only after a look at the service itself: one that hangs is
 * ended and started anew by systemd.
 */
export function createServiceManager({ env, onFailure }: ServiceManagerOptions): ServiceManager {
  const isManaged = (env['NOTIFY_SOCKET'] ?? '') !== '';
  const watchdogMs = Number(env['WATCHDOG_USEC'] ?? 0) / 1000;
  let watchdog: NodeJS.Timeout | undefined;
  let hasFailed = false;
  const tell = (words: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      if (!isManaged) return resolve();
      execFile('systemd-notify', words, { timeout: notifyTimeoutMs, env: { ...env } }, (error) => {
        if (error !== null && !hasFailed)
          onFailure(`systemd was not told "${words.join(' ')}": ${error.message}`);
        hasFailed ||= error !== null;
        resolve();
      });
    });
  return {
    ready: (status, isAlive) => {
      void tell(['READY=1', `STATUS=${status}`]);
      if (!isManaged || !(watchdogMs > 0)) return;
      watchdog = setInterval(() => {
        void isAlive().then((alive) => (alive ? tell(['WATCHDOG=1']) : undefined));
      }, watchdogMs / 3);
    },
    stopping: (status) => {
      clearInterval(watchdog);
      return tell(['STOPPING=1', `STATUS=${status}`]);
    },
  };
}
