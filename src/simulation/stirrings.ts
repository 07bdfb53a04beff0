import type { QuietTime } from '../runtime/virtual-clock.ts';

/** Who is looked at. */
export type Neighbourhood = 'vast' | 'chain' | 'networkNode' | 'machine';

/** What a look may be about. */
export type Stirred =
  | 'instances'
  | 'statuses'
  | 'leases'
  | 'tunnels'
  | 'pulses'
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
    pulses: 0,
    nodes: 0,
    networkNode: 0,
    service: 0,
    chain: 0,
    day: 0,
  };
  /** Whether a neighbour may answer otherwise at any time (a fault is switched): then every look at it is played. */
  isRestless: (who: Neighbourhood) => boolean = () => false;
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

  /** Anything may have changed. */
  stirAll(): void {
    for (const what of Object.keys(this.#counts) as Stirred[]) this.#counts[what] += 1;
  }

  versionOf(purpose: string): number | undefined {
    if (purpose === powStatusLook) return this.isRestless('machine') ? Number.NaN : this.#moments();
    const { look } = kindOf(purpose);
    if (look === undefined) return undefined;
    for (const who of look.at) if (this.isRestless(who)) return Number.NaN;
    if (look.isOfNode && !this.isNodeSettled()) return Number.NaN;
    let sum = 0;
    for (const what of look.about) sum += this.#counts[what];
    return sum;
  }

  feederOf(purpose: string): string | undefined {
    return kindOf(purpose).feeder;
  }
}

/** The purpose of the look at a machine's model, which the simulated ML node itself keeps. */
export const powStatusLook = 'mlnode.powStatus';
const askPause = 'chainClock xstate.after.askPause.chainClock.asking.pausing';

interface Look {
  readonly purposes: RegExp;
  readonly about: readonly Stirred[];
  /** Whose answer it is. */
  readonly at: readonly Neighbourhood[];
  /** The Network Node's own. */
  readonly isOfNode?: true;
}

interface Kind {
  readonly look: Look | undefined;
  readonly feeder: string | undefined;
}

/** Of the purposes that were seen; those of rows are new in each epoch. */
const kinds = new Map<string, Kind>();
const kindsMax = 10_000;

function kindOf(purpose: string): Kind {
  const known = kinds.get(purpose);
  if (known !== undefined) return known;
  if (kinds.size >= kindsMax) kinds.clear();
  const kind: Kind = {
    look: looks.find(({ purposes }) => purposes.test(purpose)),
    feeder: /^chainClock .*\bstaleLimit\b/.test(purpose) ? askPause : undefined,
  };
  kinds.set(purpose, kind);
  return kind;
}

const looks: readonly Look[] = [
  { purposes: /^reconciler .*\blookPause\b/, about: ['instances', 'leases'], at: ['vast'] },
  { purposes: /^registration .*\bcheckPause\b/, about: ['nodes'], at: ['networkNode'] },
  { purposes: /^chainClock .*\baskPause\b/, about: ['chain'], at: ['chain'] },
  { purposes: /^networkNode\.reconcile$/, about: ['networkNode', 'nodes'], at: [], isOfNode: true },
  {
    purposes: /^networkNode\.statusPoll$/,
    about: ['networkNode', 'nodes', 'service'],
    at: [],
    isOfNode: true,
  },
  { purposes: /^lease\.awaitRunning$/, about: ['instances', 'statuses'], at: ['vast'] },
  {
    purposes: /^lease\.watchMachine$/,
    about: ['instances', 'statuses', 'tunnels', 'pulses'],
    at: ['vast', 'machine'],
  },
  // It goes on until it is told otherwise, the machine is lost, or something goes wrong with it.
  {
    purposes: /^pocV2\.look$/,
    about: ['instances', 'statuses', 'tunnels', 'service'],
    at: ['machine'],
  },
  { purposes: /^daemon\.prune$/, about: ['day'], at: [] },
];
