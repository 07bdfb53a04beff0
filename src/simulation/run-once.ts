import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalEntry } from '../runtime/interface.ts';
import type { Violation } from './audit/violation.ts';
import { chainSettings } from './chain-settings.ts';
import { faultsNamed } from './fault-catalogue.ts';
import { writeJournalFile } from './journal-file.ts';
import type { SimulationFigures } from './report.ts';
import type { RunTerms } from './run-terms.ts';
import { simulatedConfig } from './settings.ts';
import { Simulation } from './simulation.ts';

/** Journal lines that are kept for the file of a violation. */
const journalLines = 2_000;

export interface OneRun {
  readonly figures: SimulationFigures;
  /** How often each fault struck. */
  readonly struck: Readonly<Record<string, number>>;
  /** The first violation, and the file that tells of it. */
  readonly violation?: { readonly first: Violation; readonly path: string };
}

/** One simulation by its terms, from the first epoch to the last or to the first violation. */
export async function runOnce(
  terms: RunTerms,
  onEpoch?: (done: number, crashes: number) => void,
): Promise<OneRun> {
  const journal: JournalEntry[] = [];
  const dir = terms.store === 'file' ? mkdtempSync(join(tmpdir(), 'hybrid-simulate-')) : undefined;
  try {
    const simulation = await Simulation.build({
      seed: terms.seed,
      epochs: terms.epochs,
      config: simulatedConfig({
        ...chainSettings(terms.chain),
        GPU_FLEET_WIDTH: `${terms.fleet}`,
        ...(terms.policy === 'predecessor' ? {} : { RENTAL_POLICY: terms.policy }),
      }),
      chain: terms.chain,
      isPredecessor: terms.policy === 'predecessor',
      accidents: 1,
      hostFailure: terms.hostFailure ?? undefined,
      crashRate: terms.crashRate,
      faults: faultsNamed(terms.faults),
      ...(dir === undefined ? {} : { storePath: join(dir, 'hybrid.sqlite') }),
      onStep: (entry) => {
        journal.push(entry);
        if (journal.length > 2 * journalLines) journal.splice(0, journalLines);
      },
      onEpoch: (done, { crashes }) => onEpoch?.(done, crashes),
    });
    const { figures, violations } = await simulation.run();
    const { struck } = simulation;
    const [first] = violations;
    if (first === undefined || terms.policy === 'predecessor') return { figures, struck };
    const path = writeJournalFile(terms, first, journal.slice(-journalLines));
    return { figures, struck, violation: { first, path } };
  } finally {
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  }
}

/** What there is to say of a violation. */
export const violationSentence = (
  terms: RunTerms,
  { first, path }: NonNullable<OneRun['violation']>,
): string =>
  `${first.invariant} broken at step ${first.step} (seed ${terms.seed}): ${first.sentence}\nits journal: ${path}; again: hybrid-mlnode simulate --replay ${path}`;
