import type { Daemon } from '../../src/wiring/daemon.ts';

/** Resolves once `isSo` holds; looked at now and after each step of either runtime. */
export function untilStep(daemon: Daemon, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isSo()) return;
      for (const leave of subscriptions) leave();
      resolve();
    };
    const subscriptions = [daemon.rows.onStep(look), daemon.volatileRows.onStep(look)];
    look();
  });
}
