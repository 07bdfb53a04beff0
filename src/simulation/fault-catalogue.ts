const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/** How a fault of a neighbour is shown: its value, for how long, and about how often. */
export interface FaultPattern {
  /** `neighbour.fault`, the fault by its name on that neighbour's board. */
  readonly name: string;
  /** A pair: drawn between the two. */
  readonly value: number | readonly [number, number];
  /** World milliseconds until it is switched off, drawn between the two. */
  readonly lastsMs: readonly [number, number];
  /** Probability that it strikes in the stretch around one PoC. */
  readonly chance: number;
}

const pattern = (
  name: string,
  value: FaultPattern['value'],
  lastsMs: readonly [number, number],
  chance = 0.05,
): FaultPattern => ({ name, value, lastsMs, chance });

const soon: readonly [number, number] = [20 * minuteMs, 40 * minuteMs];

/**
 * Every fault that a simulation can show, with the measure in which it does. Counted ones (the next n calls) wait for
 * those calls, so they last longer.
 */
export const faultCatalogue: readonly FaultPattern[] = [
  pattern('vast.offerGone', 3, soon, 0.1),
  pattern('vast.createReplyLost', 1, soon, 0.1),
  pattern('vast.createNoId', 1, soon),
  pattern('vast.createFailsWithContract', 1, soon),
  pattern('vast.create429', 2, soon),
  pattern('vast.slowList', 25 * secondMs, soon),
  pattern('vast.listEmpty', 2, soon),
  pattern('vast.listMalformed', 3, soon),
  pattern('vast.listPartial', 2, soon),
  pattern('vast.list500Html', 3, soon),
  pattern('vast.destroyFails', 3, soon),
  pattern('vast.destroy429', 3, soon),
  pattern('vast.destroyLies', 1, soon),
  pattern('vast.neverBoots', 1, soon),
  pattern('vast.ociFails', 1, soon),
  pattern('vast.exits', 1, soon, 0.02),
  pattern('vast.offline', 1, soon, 0.02),
  pattern('vast.intendedStopped', 1, soon),
  pattern('vast.slowBoot', 1.5, soon),
  pattern('vast.sloppySearch', 2, soon),
  pattern('vast.down', 1, [minuteMs, 6 * minuteMs]),
  pattern('vast.noCredit', 1, [minuteMs, 5 * minuteMs], 0.02),
  pattern('vast.creditGone', 1, [minuteMs, 10 * minuteMs], 0.01),
  pattern('vast.apiGone', 1, [minuteMs, 10 * minuteMs], 0.02),
  pattern('vast.badRegion', 3, [60 * minuteMs, 60 * minuteMs]),
  pattern('vast.keyRefused', 1, [minuteMs, 5 * minuteMs], 0.02),
  pattern('chain.halt', 1, [2 * minuteMs, 15 * minuteMs], 0.03),
  pattern('chain.lag', 8, [5 * minuteMs, 15 * minuteMs]),
  pattern('chain.blockTime', [3_000, 8_000], [10 * minuteMs, 40 * minuteMs]),
  pattern('chain.stuck', 1, [2 * minuteMs, 10 * minuteMs], 0.02),
  pattern('chain.silent', 1, [minuteMs, 4 * minuteMs], 0.02),
  pattern('chain.html', 1, [minuteMs, 4 * minuteMs]),
  pattern('chain.unreachable', 1, [minuteMs, 4 * minuteMs]),
  pattern('chain.error500', 1, [minuteMs, 4 * minuteMs]),
  pattern('chain.ahead', 40, [2 * minuteMs, 20 * minuteMs]),
  pattern('chain.shifted', 500, [2 * minuteMs, 20 * minuteMs]),
  pattern('source.ahead', 2_000, [2 * minuteMs, 20 * minuteMs]),
  pattern('source.shifted', 30, [2 * minuteMs, 20 * minuteMs]),
  pattern('source.lag', 30, [5 * minuteMs, 15 * minuteMs]),
  pattern('source.stuck', 1, [5 * minuteMs, 30 * minuteMs]),
  pattern('source.silent', 1, [minuteMs, 10 * minuteMs]),
  pattern('networkNode.down', 1, [20 * secondMs, 90 * secondMs]),
  pattern('networkNode.callback500', 1, [20 * secondMs, 90 * secondMs]),
  pattern('networkNode.callback503', 1, [20 * secondMs, 90 * secondMs]),
  pattern('networkNode.callbackSlow', 12 * secondMs, [minuteMs, 5 * minuteMs]),
  pattern('networkNode.adminOther', 1, [minuteMs, 5 * minuteMs]),
  pattern('networkNode.restart', 30 * secondMs, [30 * secondMs, 30 * secondMs], 0.02),
  pattern('home.diskFull', 1, [20 * secondMs, 15 * minuteMs], 0.02),
  pattern('home.storeBusy', 6, soon),
  pattern('home.clockSteps', 40 * minuteMs, [secondMs, secondMs], 0.02),
  pattern('home.clockStepsBack', 90 * minuteMs, [secondMs, secondMs], 0.02),
  pattern('home.flapsInCallback', 2, soon),
  pattern('machine.frozen', 1, [20 * secondMs, 120 * secondMs]),
  pattern('machine.hostKeyChanges', 1, soon, 0.01),
  pattern('machine.dies', 1, [secondMs, secondMs], 0.01),
  pattern('machine.sshDies', 1, [secondMs, secondMs]),
  pattern('machine.senderStalls', 1, [20 * secondMs, 90 * secondMs]),
  pattern('machine.initFails', 1, soon, 0.03),
  pattern('machine.loadSlow', 2, soon),
  pattern('machine.stateHangs', 1, [20 * secondMs, 90 * secondMs]),
];

/** Shown only where there are three sources of the chain: one that lies alone cannot be told from the truth. */
const ofSeveralSources = /^(?:source\.|chain\.(?:ahead|shifted)$)/;

/** Public nodes of the chain beside the first that a town needs to show these. */
export const furtherSources = (patterns: readonly FaultPattern[]): number =>
  patterns.some(({ name }) => ofSeveralSources.test(name)) ? 2 : 0;

/** A fault that is asked for by its name strikes around every second PoC. */
const chanceByName = 0.5;

/**
 * The patterns that `--faults` names: `none`, or names with commas between, where `all` stands for every one and a
 * minus in front leaves one out. Throws RangeError for another name.
 */
export function faultsNamed(text: string): readonly FaultPattern[] {
  const chosen = new Map<string, FaultPattern>();
  for (const word of text === 'none' ? [] : text.split(',').map((part) => part.trim())) {
    if (word === 'all') for (const fault of faultCatalogue) chosen.set(fault.name, fault);
    else if (word.startsWith('-')) chosen.delete(known(word.slice(1)).name);
    else chosen.set(word, { ...known(word), chance: chanceByName });
  }
  return [...chosen.values()];
}

function known(name: string): FaultPattern {
  const found = faultCatalogue.find((candidate) => candidate.name === name);
  if (found === undefined)
    throw new RangeError(
      `no fault "${name}"; there are ${faultCatalogue.map((fault) => fault.name).join(', ')}`,
    );
  return found;
}
