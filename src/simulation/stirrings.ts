import type { QuietTime } from '../runtime/virtual-clock.ts';

/** What a look may be about. */
export type Stirred =
  | 'instances'
  | 'statuses'
  | 'leases'
  | 'tunnels'
  | 'nodes'
  | 'networkNode'
  | 'service'
  | 'chain'
  | 'day';

/**
 * Counts what changed, so that looks whose answer cannot differ need not be played: a look rings only if one of the
 * things that it is about has stirred since the last one.
 */
export class Stirrings implements QuietTime {
  readonly #counts: Record<Stirred, number> = {
    instances: 0,
    statuses: 0,
    leases: 0,
    tunnels: 0,
    nodes: 0,
    networkNode: 0,
    service: 0,
    chain: 0,
    day: 0,
  };
  /** True while something may answer otherwise at any time (a fault is switched): then every look is played. */
  isRestless = false;
  /** Whether the Network Node has nothing on its way; until it is known, it has. */
  isNodeSettled: () => boolean = () => false;
  readonly #moments: () => number;

  /** `moments` counts everything that ever happened, for looks that nothing more precise is known of. */
  constructor(moments: () => number) {
    this.#moments = moments;
  }

  stir(what: Stirred): void {
    this.#counts[what] += 1;
  }

  versionOf(purpose: string): number | undefined {
    if (purpose === powStatusLook) return this.isRestless ? Number.NaN : this.#moments();
    const about = looks.find(([pattern]) => pattern.test(purpose))?.[1];
    if (about === undefined) return undefined;
    if (this.isRestless) return Number.NaN;
    if (purpose.startsWith('networkNode.') && !this.isNodeSettled()) return Number.NaN;
    return about.reduce((sum, what) => sum + this.#counts[what], 0);
  }

  feederOf(purpose: string): string | undefined {
    return /^chainClock .*\bstaleLimit\b/.test(purpose) ? askPause : undefined;
  }
}

/** The purpose of the look at a machine's model, which the simulated ML node itself keeps. */
export const powStatusLook = 'mlnode.powStatus';
const askPause = 'chainClock xstate.after.askPause.chainClock.asking.pausing';

const looks: readonly (readonly [RegExp, readonly Stirred[]])[] = [
  [/^reconciler .*\blookPause\b/, ['instances', 'leases']],
  [/^registration .*\bcheckPause\b/, ['nodes']],
  [/^chainClock .*\baskPause\b/, ['chain']],
  [/^networkNode\.reconcile$/, ['networkNode', 'nodes']],
  [/^networkNode\.statusPoll$/, ['networkNode', 'nodes', 'service']],
  [/^lease\.awaitRunning$/, ['instances', 'statuses']],
  [/^lease\.watchMachine$/, ['instances', 'statuses', 'tunnels']],
  [/^daemon\.prune$/, ['day']],
];
