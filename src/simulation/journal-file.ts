import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { HybridError } from '../errors.ts';
import type { JournalEntry } from '../runtime/interface.ts';
import type { Violation } from './audit/violation.ts';
import { type RunTerms, termsSchema } from './run-terms.ts';

const fileSchema = z.looseObject({
  terms: termsSchema,
  violation: z.looseObject({ invariant: z.string(), step: z.number() }),
});

/** Writes what led to a violation; returns the file's path. */
export function writeJournalFile(
  terms: RunTerms,
  violation: Violation,
  journal: readonly JournalEntry[],
): string {
  const path = join(tmpdir(), `hybrid-simulate-${terms.seed}-${violation.step}.json`);
  writeFileSync(path, `${JSON.stringify({ terms, violation, journal }, null, 1)}\n`);
  return path;
}

/** The run that such a file tells of. Throws CONFIG_UNREADABLE for a file that is none. */
export function readJournalFile(path: string): { terms: RunTerms; step: number; invariant: string } {
  try {
    const { terms, violation } = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return { terms, step: violation.step, invariant: violation.invariant };
  } catch (error) {
    throw new HybridError(
      { code: 'CONFIG_UNREADABLE', message: `${path} is no journal of a simulation` },
      { cause: error },
    );
  }
}
